/** The rows of the users' sink `keptNotes`, beside what the log says: it has to be as exact as the sinks of the library (I-1, I-3). */

import type { HistoryChecks } from '../../topology/testing/simulation/history.ts'
import {
  documentOf,
  documentsIn,
  isInView,
  partialSinks,
  viewsIn,
} from '../../topology/testing/simulation/invariants/history-place.ts'
import { defaultChecks } from '../../topology/testing/simulation/stage/default-checks.ts'
import type { World } from '../../topology/testing/simulation/stage/world.ts'
import { isTakenFrom } from '../../topology/testing/simulation/truth/sink-input.ts'
import { type Truth, truthOf } from '../../topology/testing/simulation/truth/truth-of.ts'
import { Violation } from '../../topology/testing/simulation/violation.ts'
import { notesTable } from './kept-notes.ts'

const notes = 'notes'

/** All checks of every history, and that of the notes where the topology keeps some. */
export const checksWithNotes = (world: World): HistoryChecks => {
  const checks = defaultChecks(world)
  if (world.topology.sinks.every(({ name }) => name !== notes)) return checks
  // What was lost for a delete is told as partial, and left in the sink.
  const partial = new Set<string>()
  return {
    ...checks,
    changed: (key, before, after) => {
      checks.changed(key, before, after)
      for (const sink of partialSinks(after)) partial.add(sink)
    },
    views: async (when) => {
      await checks.views(when)
      await checkNotes(world, partial, when)
    },
  }
}

const checkNotes = async ({ topology, servers }: World, partial: ReadonlySet<string>, when: string): Promise<void> => {
  const { rows, ledger } = servers.resources
  const truth = await truthOf(topology, servers.histories)
  const documents = await documentsIn(ledger, topology.name)
  const docOf = documentOf(documents)
  for (const { sink, of } of viewsIn(documents)) {
    if (of !== notes || partial.has(sink)) continue
    const found: string[] = []
    for await (const page of rows.scan(notesTable(sink)))
      for (const [spout, place, offset, note, isGone] of page)
        if (isGone !== true) found.push(`${String(spout)} ${String(place)}@${String(offset)} ${String(note)}`)
    const wanted = notesIn(truth, (event) => {
      const doc = docOf(event)
      return doc !== undefined && isInView(doc, sink, event)
    })
    const [left, right] = [found.sort().join(', '), wanted.sort().join(', ')]
    if (left !== right)
      throw new Violation('I-1', `${when}: ${sink} holds ${left}, the log says ${right}`, { kind: 'sink', name: of })
  }
}

const notesIn = (truth: Truth, isIn: (event: Parameters<typeof isInView>[2]) => boolean): string[] =>
  truth
    .inputsOf(notes)
    .flatMap((input) =>
      input.of.events
        .filter((event) => isTakenFrom(input, event) && isIn(event) && input.emitted?.[event.index]?.length !== 0)
        .map(({ spout, partition, offset, timeMs }) => `${spout} ${partition}@${offset} ${timeMs}`),
    )
