/** The branch that a person means: a sink, or a bolt with all sinks below it. */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { didYouMean } from './did-you-mean.ts'
import { UsageProblems } from './usage-problems.ts'

export interface Branch {
  readonly name: string
  /** One, of the same name, where it is a sink. */
  readonly sinks: readonly string[]
}

export const chooseBranch = (topology: CatalogueEntry, name: string, at?: string): Branch => {
  const sinks = topology.sinks.filter(({ retired }) => retired !== true).map((sink) => sink.name)
  if (sinks.includes(name)) return { name, sinks: [name] }
  const bolts = topology.bolts ?? []
  const bolt = bolts.find((one) => one.name === name)
  if (bolt !== undefined) return { name, sinks: bolt.sinks }
  const names = [...sinks, ...bolts.map((one) => one.name)]
  const list = bolts.length === 0 ? '' : `; bolts: ${bolts.map((one) => one.name).join(', ')}`
  throw new UsageProblems([
    {
      ...(at === undefined ? {} : { at }),
      text: `${topology.topology} has no branch ${JSON.stringify(name)}${didYouMean(name, names)}`,
      hint: `A branch is a sink, or a bolt with all sinks below it. Sinks: ${sinks.join(', ')}${list}.`,
    },
  ])
}

/** `totals`, `bolt picky (totals, notes)`. */
export const branchText = ({ name, sinks }: Branch): string =>
  sinks.length === 1 && sinks[0] === name ? name : `bolt ${name} (${sinks.join(', ')})`
