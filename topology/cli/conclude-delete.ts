/** How a delete that was written ends: its id, what was written, what comes next, and the wait for it where asked. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import type { DeleteDesk } from '../delete-desk.ts'
import type { DeleteReceipt } from '../delete-writing.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { printJson } from './print-json.ts'
import { shownFile } from './shown-file.ts'
import { silenceText } from './silence-text.ts'
import { createTalk } from './talk.ts'
import { formatNumber, plural } from './text-table.ts'
import { waitForDeletes } from './wait-for-deletes.ts'
import type { OpenDesk } from './with-desk.ts'

export const concludeDelete = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  receipt: DeleteReceipt,
): Promise<ExitCode> => {
  createTalk(io, input.logLevel).info(receiptText(receipt))
  await printJson(io, input, { id: receipt.id })
  return awaitDeletes(io, input, open, [receipt.id])
}

/** Waits where `--wait` says so; else tells what comes next. */
export const awaitDeletes = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  ids: readonly string[],
): Promise<ExitCode> => {
  if (ids.length === 0) return 0
  if (input.flag('wait')) return waitForDeletes(io, input, open, ids)
  const talk = createTalk(io, input.logLevel)
  const { rows, topology } = open
  const nowMs = io.clock.nowMs()
  const told = topology === undefined ? undefined : await readRunPositions(rows, topology.topology, nowMs)
  const isRunning = told !== undefined && told.processes > 0
  talk.info(
    isRunning
      ? 'next: `topology deletes` shows how far it is'
      : `${told?.toldAtMs === undefined ? 'nothing runs here now' : silenceText(told.toldAtMs, nowMs)}; \`topology run ${shownFile(io, topology)}\` takes the events out`,
  )
  return 0
}

/** What breaks while records are written can be completed; how, is said. Before its row stands, nothing was written. */
export const tellingHowToComplete = async <Result>(
  io: CommandIo,
  input: CommandInput,
  desk: Pick<DeleteDesk, 'find'>,
  id: string,
  write: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await write()
  } catch (error) {
    createTalk(io, input.logLevel).error(await brokenText(desk, id))
    throw error
  }
}

const brokenText = async (desk: Pick<DeleteDesk, 'find'>, id: string): Promise<string> => {
  try {
    if ((await desk.find(id)) === undefined) return `delete ${id} was not written; nothing has changed`
    return `delete ${id} is not written to every partition; \`topology delete --id ${id}\` completes it`
  } catch {
    return `whether delete ${id} was written cannot be told now; \`topology deletes\` shows it if it was`
  }
}

const receiptText = ({ id, class: kind, records, written, partitions, isRepeated }: DeleteReceipt): string => {
  const size = `${plural(records, 'record')} in ${plural(partitions, 'partition')}`
  if (!isRepeated) return `delete ${id} is in the log: class ${kind}, ${size}`
  if (written === 0) return `delete ${id} was in the log already: class ${kind}, ${size}; nothing was written`
  return `delete ${id} was there before; ${formatNumber(written)} of its ${plural(records, 'record')} were missing and are written`
}
