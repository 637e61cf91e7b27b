/** The topics of the servers benchmark: seeded events of about 470 bytes, spread over six partitions. */
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { partition } from '../../topology/model/position.ts'
import type { NewRecord } from '../../topology/model/record.ts'
import { createKafkaTopic, openKafkaLog } from '../../topology/spouts/kafka/kafka-log.ts'
import { seededRandom } from '../../topology/testing/seeded-random.ts'
import { makeEvent } from './bench-events.ts'
import { servedEnv } from './served-env.ts'

export const partitions = 6
const encoder = new TextEncoder()
const random = seededRandom(20_260_101)

interface ServedEvent {
  readonly timeMs: number
  readonly record: NewRecord
}

/** Events stand in the partitions in turn. `collections`: over how many the events are spread. */
export const servedEvent = (index: number, collections = 1, width = partitions): ServedEvent => {
  const text = makeEvent(index, () => random.next())
  const collection = collections === 1 ? 'purchases' : `c${index % collections}`
  const { keen }: { readonly keen: { readonly timestamp: string } } = JSON.parse(text)
  return {
    timeMs: Date.parse(keen.timestamp),
    record: {
      key: `shop-${index % partitions}`,
      headers: [
        ['project', 'shop'],
        ['collection', collection],
      ],
      value: encoder.encode(text),
      partition: partition(index % width),
    },
  }
}

const appendRecords = 5_000

/** Creates the topic and fills it; gives the mean bytes of an event. */
export const writeTopic = async (
  topic: string,
  events: number,
  collections = 1,
  width = partitions,
): Promise<number> => {
  const options = { brokers: servedEnv().brokers, topic, clock: systemClock, random: systemRandom }
  await createKafkaTopic({ ...options, partitions: width })
  const log = await openKafkaLog(options)
  let bytes = 0
  for (let from = 0; from < events; from += appendRecords) {
    const length = Math.min(events, from + appendRecords) - from
    const records = Array.from({ length }, (_, index) => servedEvent(from + index, collections, width).record)
    for (const { value } of records) bytes += value!.length
    await log.append(records)
  }
  await log.close()
  return events === 0 ? 0 : bytes / events
}
