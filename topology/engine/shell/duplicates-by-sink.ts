/**
 * Which events of a batch the sinks leave out as duplicates (PROTOCOL section 3).
 *
 * Asked on decoded events, before anything is left out for deletes or dead letters: a deleted event keeps its token, so
 * no repetition of it comes back (I-3). Asked again for some of the events, the answer is the same.
 */
import { hash } from 'node:crypto'
import type { EventBatch } from '../../model/decoder.ts'
import { canonicalJson, type JsonValue } from '../../model/json.ts'
import type { PlannedDedupe } from '../../model/spout-plan.ts'
import type { TokenUse } from '../accepted-events.ts'
import { outsideTimeframe } from '../outside-timeframe.ts'
import { plannedSink } from '../plan-questions.ts'
import type { PartitionContext } from './partition-context.ts'

type Indices = readonly number[]

/**
 * Indices that each sink leaves out, ascending, those out of the timeframe of a replay among them; sinks without any are
 * missing. Each bolt is asked once.
 */
export const duplicatesBySink = async (
  { plan, tokens }: Pick<PartitionContext, 'plan' | 'tokens'>,
  sinks: readonly string[],
  events: EventBatch,
): Promise<ReadonlyMap<string, Indices>> => {
  const bySink = new Map<string, Indices>()
  const byBolt = new Map<string, Indices>()
  for (const sink of sinks) {
    for (const dedupe of plannedSink(plan, sink)?.dedupes ?? []) {
      const held = byBolt.get(dedupe.bolt) ?? (await tokens.duplicatesIn(dedupe, usesOf(dedupe, events)))
      byBolt.set(dedupe.bolt, held)
      if (held.length > 0) bySink.set(sink, held)
    }
    const outside = outsideTimeframe(plannedSink(plan, sink), events)
    if (outside.length > 0) bySink.set(sink, joined(bySink.get(sink), outside))
  }
  return bySink
}

const joined = (left: Indices | undefined, right: Indices): Indices =>
  left === undefined ? right : [...new Set([...left, ...right])].sort((one, other) => one - other)

/** An event without a value at the path, or with null or an empty text, has no token: it is never a duplicate. */
const usesOf = ({ path, fingerprint }: PlannedDedupe, events: EventBatch): readonly TokenUse[] => {
  const values = events.column(path)
  const projects = events.projects()
  const collections = events.collections()
  const uses: TokenUse[] = []
  for (let index = 0; index < events.length; index++) {
    const value = values[index] as JsonValue | undefined // a property of a JSON body
    if (value === undefined || value === null || value === '') continue
    const token = digestOf(fingerprint, projects[index]!, collections[index]!, value)
    uses.push({ index, token, offset: events.offsets[index]!, appendTimeMs: events.appendTimesMs[index]! })
  }
  return uses
}

// 27 digits of 6 bits: two tokens of 160 bits that are equal by chance are not met.
const digestDigits = 27

/** No name of a project or collection holds a control character. */
const digestOf = (fingerprint: string, project: string, collection: string, value: JsonValue): string =>
  hash('sha256', [fingerprint, project, collection, canonicalJson(value)].join('\0'), 'base64url').slice(
    0,
    digestDigits,
  )
