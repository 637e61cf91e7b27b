/**
 * What every reading command begins with: rows and ledger opened for reading, and the topology found in the catalogue
 * that `run` wrote beside the rows, so that no file is needed.
 */
import type { CatalogueEntry, CatalogueSink } from '../../sinks/rows/catalogue-entry.ts'
import { listCatalogue } from '../../sinks/rows/topology-catalogue.ts'
import { liveNamespace } from '../model/namespace.ts'
import { type OpenRows, openRows } from '../resources.ts'
import { type ServedEntry, servedEntry } from '../served-entry.ts'
import type { CommandIo } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { didYouMean } from './did-you-mean.ts'
import { readNamespaces } from './replay-report.ts'
import { UsageProblems } from './usage-problems.ts'

export interface Reader extends OpenRows {
  readonly configuration: Configuration
  /** As it is read: with what was promoted, or with what `--namespace` names, in the place of declared sinks. */
  readonly topology: ServedEntry
}

/** Checks the input, opens, calls, and closes whatever happens. */
export const withReader = <Result>(
  io: CommandIo,
  input: CommandInput,
  use: (reader: Reader) => Promise<Result>,
  mode: 'read' | 'write' = 'read',
): Promise<Result> =>
  withRows(
    io,
    input,
    async (opened, configuration, entries) => {
      const namespace = input.text('namespace')
      const topology = chooseTopology(configuration, entries)
      const reader = { ...opened, configuration, topology: await servedEntry(opened, topology, namespace) }
      await refuseUnknown(reader, namespace)
      return use(reader)
    },
    mode,
  )

/** Throws `UsageProblems` with the namespaces that there are. */
const refuseUnknown = async ({ ledger, topology }: Reader, namespace: string | undefined): Promise<void> => {
  if (namespace === undefined || namespace === liveNamespace || Object.keys(topology.read).length > 0) return
  const names = await readNamespaces(ledger, topology.topology)
  const text = `no replay ${JSON.stringify(namespace)}${didYouMean(namespace, names)}`
  const hint = names.length === 0 ? 'There are none: `topology replay` makes one.' : `There are ${names.join(', ')}.`
  throw new UsageProblems([{ at: '--namespace', text, hint }])
}

/** The same, where it may be that no topology has run yet. */
export const withRows = async <Result>(
  io: CommandIo,
  input: CommandInput,
  use: (opened: OpenRows, configuration: Configuration, entries: readonly CatalogueEntry[]) => Promise<Result>,
  mode: 'read' | 'write',
): Promise<Result> => {
  const configuration = await readConfiguration(io, input)
  input.check()
  const opened = await openRows(configuration.rows.value, mode, io)
  try {
    return await use(opened, configuration, await listCatalogue(opened.rows))
  } finally {
    await opened.close()
  }
}

/** The topology that the configuration means; `undefined` before any has run, unless one is named. */
export const chooseTopologyIfAny = (
  configuration: Configuration,
  entries: readonly CatalogueEntry[],
): CatalogueEntry | undefined =>
  entries.length > 0 || configuration.topology !== undefined ? chooseTopology(configuration, entries) : undefined

/** The topology that the configuration means; the only one where it means none. */
const chooseTopology = (configuration: Configuration, entries: readonly CatalogueEntry[]): CatalogueEntry => {
  const names = entries.map(({ topology }) => topology)
  const wanted = configuration.topology
  const [only] = entries
  if (only === undefined)
    throw new UsageProblems([
      { text: `no topology has run on ${configuration.rows.value} yet`, hint: 'Run one: `topology run FILE`.' },
    ])
  if (wanted === undefined && entries.length > 1)
    throw new UsageProblems([{ at: '--topology', text: `several topologies share these rows: ${names.join(', ')}` }])
  if (wanted === undefined) return only
  const found = entries.find(({ topology }) => topology === wanted.value)
  if (found !== undefined) return found
  const suggestion = didYouMean(wanted.value, names)
  throw new UsageProblems([
    {
      at: wanted.at,
      text: `no topology ${JSON.stringify(wanted.value)} has run here${suggestion}`,
      hint: `There are ${names.join(', ')}.`,
    },
  ])
}

/** The sink of that name among those that `accepts` takes; without a name the only one, a retired one where no other is. */
export const chooseSink = (
  topology: CatalogueEntry,
  what: string,
  accepts: (sink: CatalogueSink) => boolean,
  name?: string,
): CatalogueSink => {
  const sinks = topology.sinks.filter(accepts)
  const names = sinks.map((sink) => sink.name)
  const shown = sinks.map((sink) => (sink.retired === true ? `${sink.name} (retired)` : sink.name))
  const list = names.length === 0 ? `Topology ${topology.topology} has none.` : `There are ${shown.join(', ')}.`
  if (name !== undefined) {
    const found = sinks.find((sink) => sink.name === name)
    if (found !== undefined) return found
    throw new UsageProblems([{ text: `no ${what} ${JSON.stringify(name)}${didYouMean(name, names)}`, hint: list }])
  }
  const declared = sinks.filter((sink) => sink.retired !== true)
  const [only, second] = declared.length > 0 ? declared : sinks
  if (only === undefined) throw new UsageProblems([{ text: `topology ${topology.topology} keeps no ${what}` }])
  if (second !== undefined)
    throw new UsageProblems([{ at: '--sink', text: `there are several; say which`, hint: list }])
  return only
}
