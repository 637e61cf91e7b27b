/**
 * Makes the answer that an order asks for and sends it in chunks: the work of the thread beside the one that asked.
 *
 * It sends ahead no more than a few chunks. Time counts while it writes, not while it waits for whoever takes the
 * chunks; when it is used up, the answer ends after a whole interval and says so.
 */
import { pathToFileURL } from 'node:url'
import { csvStyle, jsonStyle, prettyStyle } from '../operators/query/answer-style.ts'
import type { RollupAnswer } from '../operators/query/rollup-answer.ts'
import { type AnswerEnd, type WriteOptions, writeAnswer } from '../operators/query/write-answer.ts'
import { answerFlags } from '../operators/query/write-result.ts'
import { writeRollupJson } from '../operators/query/write-rollup-json.ts'
import { restoreOperator } from '../operators/restore-operator.ts'
import { readAnswer } from '../sinks/rows/read-rollup.ts'
import { type AnswerOrder, chunksAhead, type FromMaker, type ToMaker } from './answer-messages.ts'
import { isTopology } from './declare/define-topology.ts'
import { operatorBoltOf, topologyGraph } from './declare/topology-graph.ts'
import { errors } from './model/errors.ts'
import { canonicalJson } from './model/json.ts'
import type { StateOperator } from './model/operator.ts'
import type { Clock } from './model/ports/clock.ts'
import type { Row, RowStore, ScanRange, TableSpec } from './model/ports/row-store.ts'
import { errorOfPlain, plainErrorOf } from './model/spillway-error.ts'
import { openRows } from './resources.ts'

/** The way to the thread that asked. */
export interface AskerPort {
  send(message: FromMaker): void
  /** The next message. */
  receive(): Promise<ToMaker>
}

export const makeAnswer = async (order: AnswerOrder, port: AskerPort, clock: Clock): Promise<void> => {
  try {
    port.send({ kind: 'alive' })
    const operator = await operatorOf(order)
    const { query, sink, project } = order
    const opened = order.rows === undefined ? undefined : await openRows(order.rows, 'read')
    const rows = opened === undefined ? remoteRows(port) : noticed(opened.rows, port)
    const answer = await readAnswer({ ...query, rows, sink, operator, project })
    await opened?.close()
    port.send({ kind: 'end', report: { ...(await sendAnswer(order, answer, port, clock)), ...answerFlags(answer) } })
  } catch (error) {
    port.send({ kind: 'failed', error: plainErrorOf(error) })
  }
}

/** Built-ins from their plain data, others from the module that declares them. */
const operatorOf = async ({ operator, file, sink }: AnswerOrder): Promise<StateOperator> => {
  const restored = restoreOperator(operator.name, operator.options)
  if (restored !== undefined) return restored
  const loaded: Readonly<Record<string, unknown>> = file === undefined ? {} : await import(pathToFileURL(file).href)
  const topology = loaded['default']
  if (isTopology(topology)) {
    const graph = topologyGraph(topology)
    const wanted = canonicalJson(operator.options)
    for (const node of topology.sinks) {
      const found = operatorBoltOf(graph, node)?.operator
      if (found?.name === operator.name && canonicalJson(found.options) === wanted) return found
    }
  }
  throw errors.badConfiguration({
    problem: `${operator.name} of ${sink} is not built in, and ${file ?? 'no file'} declares it`,
  })
}

const sendAnswer = async (
  order: AnswerOrder,
  answer: RollupAnswer,
  port: AskerPort,
  clock: Clock,
): Promise<AnswerEnd> => {
  let usedMs = 0
  let sinceMs = clock.nowMs()
  const isOver = (): boolean => usedMs + clock.nowMs() - sinceMs > order.budgetMs
  const chunks = chunksOf(order, answer, { isOver, isReused: true })
  for (let ahead = 0; ; ) {
    const { done, value } = chunks.next()
    usedMs += clock.nowMs() - sinceMs
    if (done === true) return checked(order, value)
    port.send({ kind: 'chunk', bytes: value })
    ahead += 1
    if (ahead === chunksAhead) {
      await port.receive()
      ahead -= 1
    }
    sinceMs = clock.nowMs()
  }
}

const chunksOf = (
  { form }: AnswerOrder,
  answer: RollupAnswer,
  options: WriteOptions,
): Generator<Uint8Array, AnswerEnd> => {
  if (form === 'json') return writeRollupJson(answer, options)
  const styleOf = form === 'csv' ? csvStyle : form === 'result' ? jsonStyle : prettyStyle
  return writeAnswer(answer, styleOf(answer), options)
}

const checked = ({ query, budgetMs }: AnswerOrder, end: AnswerEnd): AnswerEnd => {
  if (end.cut === undefined || query.isStrict !== true) return end
  const { written, of, unit } = end.cut
  throw errors.queryOverBudget({ phase: `writing (${written} of ${of} ${unit} are written)`, budgetMs })
}

/** Rows that the asking thread reads: for stores that live there. */
const remoteRows = (port: AskerPort): RowStore => scanOnly((table, range) => scanRemote(port, table, range))

async function* scanRemote(
  port: AskerPort,
  table: TableSpec,
  range: ScanRange | undefined,
): AsyncGenerator<readonly Row[]> {
  port.send({ kind: 'scan', table, range })
  for (;;) {
    const message = await port.receive()
    if (message.kind === 'scanFailed') throw errorOfPlain(message.error)
    if (message.kind !== 'page' || message.rows === undefined) return
    yield message.rows
    port.send({ kind: 'nextPage' })
  }
}

/** The same rows; each page of a scan is told, so that reading can be seen to go on. */
const noticed = (rows: RowStore, port: AskerPort): RowStore =>
  scanOnly(async function* (table, range) {
    for await (const page of rows.scan(table, range)) {
      port.send({ kind: 'alive' })
      yield page
    }
  })

const scanOnly = (scan: RowStore['scan']): RowStore => {
  const refuse = async (): Promise<never> => {
    throw errors.badConfiguration({ problem: 'an answer only scans' })
  }
  return { name: 'rows of an answer', ensureTable: refuse, write: refuse, read: refuse, scan, close: async () => {} }
}
