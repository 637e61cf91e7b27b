/** Seeded events of about 470 bytes in an embedded log: the input of the benchmark, the same on every machine. */

import { systemClock } from '../../topology/engine/shell/system-clock.ts'
import type { NewRecord } from '../../topology/model/record.ts'
import { openFileLog } from '../../topology/spouts/file/file-log.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'

export const eventCount = 500_000
const countries = 50
const startMs = Date.UTC(2026, 0, 1)
// One hour of event time: 60 windows x 50 countries are 3,000 rows, so that row writes are not what is measured.
const stepMs = 3_600_000 / eventCount

const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)]!
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/121.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) Version/17.2',
]
const products = ['espresso machine', 'water kettle', 'coffee grinder', 'milk jug', 'filter paper']

export const makeEvent = (index: number, random: () => number): string => {
  const time = new Date(startMs + Math.floor(index * stepMs)).toISOString()
  const price = Math.round(random() * 100_000) / 100
  const event = {
    keen: { timestamp: time },
    country: `C${String(Math.floor(random() * countries)).padStart(2, '0')}`,
    price,
    quantity: 1 + Math.floor(random() * 5),
    product: { name: pick(products, random()), sku: `SKU-${Math.floor(random() * 1e6)}`, on_sale: random() < 0.2 },
    user: {
      id: `u-${Math.floor(random() * 1e9)}`,
      session: Math.floor(random() * 1e12).toString(36),
      returning: random() < 0.5,
    },
    page: {
      url: `https://shop.example/p/${Math.floor(random() * 1e5)}`,
      referrer: null,
      ms: Math.floor(random() * 3_000),
    },
    agent: pick(agents, random()),
    campaign: { source: pick(['newsletter', 'search', 'partner'], random()), medium: 'link', term: null },
    tags: ['web', pick(['a', 'b', 'c'], random())],
  }
  return JSON.stringify(event)
}

/** Writes the log into a folder; one project, so one of its partitions holds everything. */
export const writeBenchLog = async (folder: string): Promise<{ readonly meanBytes: number }> => {
  const log = await openFileLog({ folder, clock: systemClock, partitions: 1, topic: 'purchases' })
  const random = seededRandom(20_260_101)
  const encoder = new TextEncoder()
  let bytes = 0
  for (let from = 0; from < eventCount; from += 5_000) {
    const records: NewRecord[] = []
    for (let index = from; index < Math.min(eventCount, from + 5_000); index++) {
      const value = encoder.encode(makeEvent(index, () => random.next()))
      bytes += value.length
      records.push({
        key: 'shop',
        headers: [
          ['project', 'shop'],
          ['collection', 'purchases'],
        ],
        value,
      })
    }
    await log.append(records)
  }
  await log.close()
  return { meanBytes: bytes / eventCount }
}
