/** What each invariant promises, in the words of who relies on it. */
const invariantTexts: Readonly<Record<string, string>> = {
  'I-1': 'rows and objects are what the log says, however it was cut, batched, interrupted or repeated',
  'I-2': 'every record below the committed offset is applied or a dead letter, and none twice',
  'I-3': 'after a delete nothing holds what it matched',
  'I-4': 'the ledger only moves forward, and what an overtaken process writes changes nothing',
  'I-5': 'the ranges of every sink tile the partition: no gap, no overlap',
  'I-6': 'memory stays under the budget, and what was paused goes on',
  'I-7': "an object's name determines its bytes, and manifests list each offset once",
  'I-8': 'received = applied + dead-lettered + dropped by deletes',
  'I-9': 'when faults stop, everything is caught up in bounded steps',
}

/** The promise that was broken; empty for an id that no invariant has. */
export const invariantText = (id: string): string => invariantTexts[id] ?? ''
