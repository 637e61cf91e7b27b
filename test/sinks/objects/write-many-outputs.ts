/** A process of its own that writes one epoch of many outputs, and prints the memory that it took. */
import { tmpdir } from 'node:os'
import type { ObjectBody, ObjectStore } from '../../../topology/model/ports/object-store.ts'
import { archiveOn, epochOf, eventsOf, never } from './given-objects.ts'
import { makeBucket, openStore } from './s3/given-s3.ts'

/** Takes everything, with the pauses of a server, and keeps nothing. */
const forgetful = (): ObjectStore => {
  const create = async (_: string, body: ObjectBody): Promise<'created'> => {
    for await (const chunk of body()) if (chunk.length > 0) await new Promise(setImmediate)
    return 'created'
  }
  const none = async (): Promise<undefined> => undefined
  const list = async function* (): AsyncGenerator<never> {}
  return { name: 'forgetful', create, replace: async () => 'refused', head: none, read: none, list, close: none }
}

const [, , kind, count] = process.argv
const outputs = Number(count)
const pad = 'x'.repeat(1_000)
if (kind === 's3') await makeBucket()
const objects = kind === 's3' ? await openStore() : forgetful()
const archive = await archiveOn({ objects, spillFolder: tmpdir() })
const epoch = await archive.open()
for (let from = 0; from < outputs; from += 500) {
  const list = Array.from({ length: 500 }, (_, index) => ({
    offset: from + index,
    collection: `c${from + index}`,
    body: `{"n":${from + index},"pad":"${pad}"}`,
  }))
  epoch.add(eventsOf(list), 1)
  await epoch.settle?.()
}
const beganMs = performance.now()
await epoch.write(epochOf(0, outputs), never)
const seconds = (performance.now() - beganMs) / 1_000
epoch.discard()
const stored = (await Array.fromAsync(objects.list(''))).length
await objects.close()
const mebibytes = Math.round(process.resourceUsage().maxRSS / 1_024)
process.stdout.write(JSON.stringify({ stored, mebibytes, perSecond: Math.round(outputs / seconds) }))
