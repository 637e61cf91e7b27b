/** A process that creates and replaces objects until it is killed. It says which create or replace was answered. */
import { openFolderObjects } from '../../../../sinks/objects/folder/folder-objects.ts'
import type { ObjectBody } from '../../../../topology/model/ports/object-store.ts'

const [, , folder = '', life = '0'] = process.argv
const store = await openFolderObjects({ folder })

/** Long enough to be killed in the middle; the first line names what the rest must repeat. */
const body = (text: string): ObjectBody =>
  async function* () {
    for (let i = 0; i < 20; i++) yield Buffer.from(`${text}\n`.repeat(500))
  }

for (let round = 0; ; round++) {
  const key = `shop/2026-07-01T08Z/purchases/demo-0-1-${String(round % 40).padStart(20, '0')}.ndjson`
  const text = `${life} ${round}`
  const found = await store.head(key)
  if (found === undefined) await store.create(key, body(text), { text })
  else if ((await store.replace(key, found.etag, body(text), { text })) === 'refused') continue
  process.send?.({ key, text })
}
