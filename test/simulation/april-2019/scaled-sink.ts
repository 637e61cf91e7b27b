/** One event of this world stands for a thousand: what a sink holds and spills of them is told in their size. */
import type { OpenEpoch, Sink } from '../../../topology/model/sink.ts'

export const scale = 1_000

/** The same sink, whose epochs are as large as they would be. `heldBytes`: of an event in memory. */
export const scaledSink = <In>(sink: Sink<In>, heldBytes: number): Sink<In> => ({
  ...sink,
  open: async (context) => {
    const writer = await sink.open(context)
    return { openEpoch: () => scaledEpoch(writer.openEpoch(), heldBytes), close: () => writer.close() }
  },
})

const scaledEpoch = <In>(epoch: OpenEpoch<In>, heldBytes: number): OpenEpoch<In> => {
  let events = 0
  return {
    add: (tuples, weight) => {
      events += tuples.length
      epoch.add(tuples, weight)
    },
    heldBytes: () => (epoch.heldBytes() === 0 ? 0 : events * heldBytes * scale),
    spilledBytes: () => epoch.spilledBytes() * scale,
    outputs: () => epoch.outputs?.() ?? 0,
    isFull: () => epoch.isFull?.() ?? false,
    settle: () => epoch.settle?.() ?? Promise.resolve(),
    write: (declared, signal, isFresh) =>
      epoch.write({ ...declared, partBytes: Math.ceil(declared.partBytes / scale) }, signal, isFresh),
    discard: () => epoch.discard(),
  }
}
