/**
 * Counts words: a bolt cuts each line of text into words, a rollup counts them per day.
 *
 *     export SPILLWAY_LOG=file:./data/words/log SPILLWAY_ROWS=sqlite:./data/words/rows.db SPILLWAY_OBJECTS=file:./data/words/objects
 *     npm run topology -- ingest examples/word-count/lines.ndjson --collection lines --time at
 *     npm run topology -- run examples/word-count/topology.ts --until-caught-up
 *     npm run topology -- query word_counts --group-by word --timeframe 2026-03-14/2026-03-16
 *
 * What a bolt emits need not be events. A plain object takes part in a rollup when it has a `timestamp`; `project`, if it
 * has one, says whose row it counts in. The counts stay exact: killed at any moment and run again, a word is counted once;
 * a deleted line takes its words out again.
 */
import { concatMap } from 'rxjs'
import { defineTopology, type Event, log } from 'spillway'
import { count, countUnique, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'

interface Word {
  readonly word: string
  readonly by: string
  readonly project: string
  readonly timestamp: number
}

/** Words in lower case; an event without a text has none. */
const wordsOf = ({ body, project, timestamp }: Event): Word[] => {
  const { text, by } = body
  if (typeof text !== 'string') return []
  const words = text.toLowerCase().match(/\p{L}+(?:'\p{L}+)*/gu) ?? []
  return words.map((word) => ({ word, by: String(by), project, timestamp }))
}

export default defineTopology('word-count', (t) => {
  t.spout('lines', log({ collection: { header: 'collection' }, tenant: { header: 'project' } }))
    .bolt('words', concatMap(wordsOf))
    .bolt('counts', rollup({ window: '1 day', by: ['word'], values: { times: count(), authors: countUnique('by') } }))
    .sink('word_counts', tableRows())
})
