/** `topology deletes`: what was asked to be deleted and how far it is; `pause` and `resume` hold the work on one. */
import { askRun } from '../ask-run.ts'
import { readDeletes, type ShownDelete } from '../read-deletes.ts'
import type { OpenRows } from '../resources.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { deletesJson, deletesText } from './deletes-table.ts'
import { didYouMean } from './did-you-mean.ts'
import { chooseTopologyIfAny, type Reader, withReader, withRows } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatNumber } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import { userName } from './user-name.ts'

const endedShown = 100

export const deletes: CommandDefinition = {
  name: 'deletes',
  doc: 'Shows delete requests with state and progress: accepted (written to the log), running, partial (some sinks have done it), done, failed or refused. MATCHED counts the living events that it took, RETRACTED those that are out of every sink, REMAINING the records still to be read for it over all sinks. `pause ID` holds the work on one within a second, `resume ID` lets it go on. What has been taken out stays out: there is no undo.',
  arguments: [
    { name: 'ACTION', doc: 'pause or resume', isRequired: false },
    { name: 'ID', doc: 'of the delete to pause or resume', isRequired: false },
  ],
  options: [
    { flags: '--all', doc: `also those that ended before the newest ${endedShown}` },
    { flags: '--reason <TEXT>', doc: 'why it is paused or resumed, kept with it' },
  ],
  common: ['rows', 'topology', 'json'],
  examples: [
    'topology deletes',
    'topology deletes --json --all',
    'topology deletes pause mbx3k2q1-7f3a9cde',
    'topology deletes resume mbx3k2q1-7f3a9cde',
  ],
  run: (io, input) => {
    const action = readAction(input)
    if (action !== undefined)
      return withReader<ExitCode>(io, input, (reader) => control(io, input, reader, action), 'write')
    // A delete may come before the first run.
    return withRows<ExitCode>(
      io,
      input,
      (opened, configuration, entries) =>
        list(io, input, opened, chooseTopologyIfAny(configuration, entries)?.topology),
      'read',
    )
  },
}

interface Action {
  readonly name: 'pause' | 'resume'
  readonly id: string
}

const readAction = (input: CommandInput): Action | undefined => {
  const [word, id] = input.operands
  if (word === undefined) {
    if (input.text('reason') !== undefined) input.note({ at: '--reason', text: 'stands with pause or resume' })
    return undefined
  }
  if (word !== 'pause' && word !== 'resume') {
    const near = didYouMean(word, ['pause', 'resume']) || '; there are pause and resume'
    input.note({ text: `unknown action ${JSON.stringify(word)}${near}` })
    return undefined
  }
  if (id === undefined) input.note({ text: `ID is missing: \`topology deletes ${word} ID\`` })
  return { name: word, id: id ?? '' }
}

const list = async (
  io: CommandIo,
  input: CommandInput,
  { rows, ledger }: OpenRows,
  topology: string | undefined,
): Promise<ExitCode> => {
  const ended = input.flag('all') ? Number.MAX_SAFE_INTEGER : endedShown
  const found = await readDeletes({ rows, ledger, topology, ended })
  if (input.flag('json')) {
    await printJson(io, input, deletesJson(found.deletes))
    return 0
  }
  await io.print(deletesText(found.deletes, io.clock.nowMs()))
  if (found.left > 0)
    createTalk(io, input.logLevel).info(`${formatNumber(found.left)} older ones are at their end; --all shows them`)
  return 0
}

const control = async (io: CommandIo, input: CommandInput, reader: Reader, { name, id }: Action): Promise<ExitCode> => {
  const { rows, ledger, topology } = reader
  const { deletes: known } = await readDeletes({ rows, ledger, topology: topology.topology, ended: endedShown })
  const one = known.find((delete_) => delete_.id === id)
  if (one === undefined) throw unknownDelete(id, known)
  if (!one.isOpen) throw new UsageProblems([{ text: `delete ${id} is ${one.state}: nothing is left to ${name}` }])
  const wish = { kind: 'delete', id, isPaused: name === 'pause' } as const
  const [author, reason] = [userName(io), input.text('reason') ?? '']
  await askRun(rows, topology.topology, wish, { author, reason, nowMs: io.clock.nowMs() })
  const said =
    name === 'pause'
      ? `delete ${id} is paused: a running topology holds it within a second; what is out stays out. \`topology deletes resume ${id}\` lets it go on`
      : `delete ${id} goes on within a second`
  createTalk(io, input.logLevel).info(said)
  if (input.flag('json')) await printJson(io, input, { id, paused: name === 'pause' })
  return 0
}

const unknownDelete = (id: string, known: readonly ShownDelete[]): UsageProblems => {
  const suggestion = didYouMean(
    id,
    known.map((one) => one.id),
  )
  return new UsageProblems([
    { text: `no delete has the id ${JSON.stringify(id)}${suggestion}`, hint: 'Ids stand in `topology deletes`.' },
  ])
}
