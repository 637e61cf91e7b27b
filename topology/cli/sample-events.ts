/** Events that a person gives to a simulation: the drawn ones are these, with values changed. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { CommandIo } from './command.ts'
import { fileSource, readInput } from './ingest-input/read-input.ts'
import { refuseIfAny, type UsageProblem } from './usage-problems.ts'

// A history has tens of records: more samples are never drawn from.
const eventsMax = 1_000
// Whoever gives the wrong file need not see all of it refused.
const problemsMax = 5

/** The first 1,000. Throws `UsageProblems` for lines that are no objects. */
export const readSampleEvents = async (io: Pick<CommandIo, 'folder'>, file: string): Promise<readonly JsonObject[]> => {
  const path = resolve(io.folder, file)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    refuseIfAny([{ at: '--events', text: `there is no file ${JSON.stringify(file)}` }])
  const events: JsonObject[] = []
  const problems: UsageProblem[] = []
  for await (const items of readInput(fileSource(file, path), undefined)) {
    for (const { bytes, line, problem } of items) {
      if (bytes.length === 0 && problem === undefined) continue
      const event = problem === undefined ? eventIn(bytes) : { problem }
      if (!('problem' in event)) events.push(event.body)
      else problems.push({ at: `${file}:${line}`, text: event.problem })
    }
    if (events.length >= eventsMax || problems.length >= problemsMax) break
  }
  refuseIfAny(problems.slice(0, problemsMax))
  if (events.length === 0) refuseIfAny([{ at: '--events', text: `${file} holds no event` }])
  return events.slice(0, eventsMax)
}

const eventIn = (bytes: Uint8Array): { readonly body: JsonObject } | { readonly problem: string } => {
  try {
    const value: JsonValue = JSON.parse(new TextDecoder().decode(bytes))
    return isJsonObject(value) ? { body: value } : { problem: 'is no JSON object' }
  } catch (error) {
    return { problem: `is no JSON: ${messageOf(error)}` }
  }
}
