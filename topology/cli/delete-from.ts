/**
 * `topology delete --from`: a file of requests, one JSON object a line, judged and written in batches. What is bad is
 * refused with FILE:LINE and the others are written, like `ingest`; the exit code is 1 then.
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type DeleteInput, readDeleteInput } from '../delete-input.ts'
import type { JudgedDelete } from '../delete-writing.ts'
import { SpillwayError } from '../model/spillway-error.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { awaitDeletes } from './conclude-delete.ts'
import type { InputItem } from './ingest-input/input-item.ts'
import { fileSource, readInput } from './ingest-input/read-input.ts'
import { untilAborted } from './ingest-input/until-aborted.ts'
import { createTalk, type Talk } from './talk.ts'
import { formatNumber, plural } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import type { OpenDesk } from './with-desk.ts'

// One append per partition and batch, one row per request.
const batchRequests = 500
const refusalsTold = 20

export const deleteFrom = async (
  io: CommandIo,
  input: CommandInput,
  open: OpenDesk,
  defaults: DeleteInput,
): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  const file = new DeleteFile(io, talk, open, defaults, input.flag('allow-scan'))
  const name = input.text('from') ?? '-'
  try {
    for await (const items of untilAborted(readInput(sourceOf(io, name), 'ndjson'), io.signal))
      for (const item of items) await file.take(name === '-' ? 'stdin' : name, item)
    await file.flush()
  } finally {
    talk.clear()
    file.conclude()
  }
  const code = await awaitDeletes(io, input, open, input.flag('wait') ? file.ids : file.ids.slice(0, 1))
  return file.refused > 0 || io.signal.aborted ? 1 : code
}

const sourceOf = (io: CommandIo, name: string): ReturnType<typeof fileSource> => {
  if (name === '-') return { name, open: () => io.stdin }
  const path = resolve(io.folder, name)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageProblems([{ at: '--from', text: `${name}: there is no such file` }])
  return fileSource(name, path)
}

class DeleteFile {
  readonly ids: string[] = []
  refused = 0
  readonly #io: CommandIo
  readonly #talk: Talk
  readonly #open: OpenDesk
  readonly #defaults: DeleteInput
  readonly #allowScan: boolean
  #batch: JudgedDelete[] = []
  #repeated = 0
  #isPartial = false

  constructor(io: CommandIo, talk: Talk, open: OpenDesk, defaults: DeleteInput, allowScan: boolean) {
    this.#io = io
    this.#talk = talk
    this.#open = open
    this.#defaults = defaults
    this.#allowScan = allowScan
  }

  async take(source: string, { bytes, line, problem }: InputItem): Promise<void> {
    if (problem === undefined && bytes.length === 0) return
    try {
      if (problem !== undefined) throw new Refused(problem)
      const request = this.#read(bytes)
      // An id that stands twice in the batch is met as one that is there.
      if (request.id !== undefined && this.#batch.some(({ id }) => id === request.id)) await this.flush()
      this.#batch.push(await this.#open.desk.judge(request))
    } catch (error) {
      if (!isRefusal(error)) throw error
      this.refused += 1
      if (this.refused <= refusalsTold) this.#talk.warn(`${source}:${line}: ${error.message}`)
    }
    if (this.#batch.length >= batchRequests) await this.flush()
  }

  async flush(): Promise<void> {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#isPartial = true
    const receipts = await this.#open.desk.write(batch)
    this.#isPartial = false
    this.#batch = []
    this.#repeated += receipts.filter(({ isRepeated, written }) => isRepeated && written === 0).length
    const ids = receipts.map(({ id }) => id)
    this.ids.push(...ids)
    await this.#io.print(ids.map((id) => `${JSON.stringify({ id })}\n`).join(''))
    this.#talk.progress(`${formatNumber(this.ids.length)} requests in the log`)
  }

  conclude(): void {
    if (this.refused > refusalsTold) this.#talk.warn(`${this.refused - refusalsTold} more lines were refused`)
    const again = this.#repeated === 0 ? '' : `, ${formatNumber(this.#repeated)} of them were there before`
    this.#talk.info(`${plural(this.ids.length, 'request')} in the log${again}, ${formatNumber(this.refused)} refused`)
    if (this.#isPartial)
      this.#talk.error(
        'the next requests are not written to every partition: `topology deletes` shows them, `topology delete --id ID` completes one',
      )
  }

  #read(bytes: Uint8Array): DeleteInput {
    let json: unknown
    try {
      json = JSON.parse(Buffer.from(bytes).toString())
    } catch {
      throw new Refused('is not JSON')
    }
    const { project, collection } = this.#defaults
    const own = readDeleteInput(json)
    const all = this.#allowScan ? { allowScan: true } : {}
    return {
      ...(project === undefined ? {} : { project }),
      ...(collection === undefined ? {} : { collection }),
      ...own,
      ...all,
    }
  }
}

class Refused extends Error {}

/** What is wrong with one line; anything else ends the command. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Refused || (error instanceof SpillwayError && error.code.startsWith('SPW-05'))
