/**
 * Prints the answer of a query in the form that was asked for. JSON and CSV are passed on in chunks as they come from
 * the thread that makes them; a table or a chart is for people and needs all of it, so it is bounded.
 */

import type { AnswerReport } from '../answer-messages.ts'
import { errors } from '../model/errors.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { type RollupStreamQuery, streamRollup } from '../stream-rollup.ts'
import type { CommandIo } from './command.ts'
import { queryChart } from './query-chart.ts'
import { queryTable } from './query-table.ts'
import type { QueryView } from './query-view.ts'
import type { ShownWait } from './show-waiting.ts'

// A person reads a small part of 100,000 rows; a program takes them as JSON or CSV.
const peopleBytes = 16 * 1_048_576

export interface AnswerPrint {
  readonly io: CommandIo
  /** Ends before the first byte. */
  readonly waiting: ShownWait
  readonly view: QueryView
  readonly isPretty: boolean
  /** Which value a chart draws. */
  readonly value: string | undefined
  readonly asked: RollupStreamQuery
  /** What stands under `meta`; `approximate` is added. */
  readonly meta: JsonObject
}

export const printAnswer = async (print: AnswerPrint): Promise<AnswerReport> => {
  if (print.view === 'json') return printDocument(print)
  if (print.view === 'csv') return forward(print, 'csv', (chunk) => print.io.print(chunk))
  const { io, asked, value } = print
  const { result, report } = await wholeAnswer(print)
  const groupBy = asked.groupBy ?? []
  const columns = Math.min(io.columns, 120)
  const text =
    print.view === 'chart'
      ? queryChart(result, { groupBy, value, columns, hasColour: io.colour.stdout })
      : queryTable(result, groupBy, columns)
  await io.print(text)
  return report
}

const forward = async (
  { io, waiting, asked }: AnswerPrint,
  form: RollupStreamQuery['form'] & string,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<AnswerReport> => {
  const chunks = streamRollup({ ...asked, form, signal: io.signal })
  try {
    for (;;) {
      const { done, value } = await chunks.next()
      await waiting.end()
      if (done === true) return value
      await take(value)
    }
  } finally {
    await waiting.end()
    // Where the reader of stdout has gone, the thread ends with it.
    await chunks.return?.(undefined as never) // the value of a generator that nobody asks any more
  }
}

/** The object around the result: it stands before and behind the chunks. */
const printDocument = async (print: AnswerPrint): Promise<AnswerReport> => {
  const { io, isPretty, meta } = print
  const indent = isPretty ? 2 : undefined
  let head = isPretty ? '{\n  "result": ' : '{"result":'
  const report = await forward(print, isPretty ? 'prettyResult' : 'result', async (chunk) => {
    // An answer that fails before its first byte leaves stdout empty.
    if (head !== '') await io.print(head)
    head = ''
    await io.print(chunk)
  })
  const { approximate, ...flags } = report
  const tail = JSON.stringify({ ...flags, meta: { ...meta, approximate } }, undefined, indent)
  await io.print(`,${tail.slice(1)}\n`)
  return report
}

const wholeAnswer = async (
  print: AnswerPrint,
): Promise<{ readonly result: JsonValue; readonly report: AnswerReport }> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const report = await forward(print, 'result', async (chunk) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > peopleBytes)
      throw errors.queryTooLarge({ reason: `the answer is too large for a ${print.view}; --json and --csv take any` })
  })
  const result: JsonValue = JSON.parse(Buffer.concat(chunks).toString())
  return { result, report }
}
