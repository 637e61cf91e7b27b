import { describe, expect, test } from 'vitest'
import { errors } from '../../../topology/model/errors.ts'
import { leaderEpochOf } from '../../../topology/spouts/kafka/record-batches.ts'
import { baseTimeMs, fetched, maxTimeMs, offsets, reading, run, values } from './given-batches.ts'

const most = 10_000_000

test('key, headers, value and time of a record are read from the shared buffer', async () => {
  const headers = [
    ['project', 'keen'],
    ['ünï', '🦦'],
    ['none', null],
  ] as const
  const given = fetched([{ base: 7, records: [{ delta: 0, key: 'käy', value: 'välue', headers, timeDelta: 3 }] }])
  const { records, to } = await reading(given).read(most)
  expect(values(records)).toEqual(['välue'])
  expect(records[0]).toMatchObject({ offset: 7, key: 'käy', appendTimeMs: baseTimeMs + 3, bytes: given.bytes })
  expect(records[0]!.headers).toEqual([
    ['project', 'keen'],
    ['ünï', '🦦'],
    ['none', ''],
  ])
  expect(to).toBe(8)
})

test('a null key, an empty key, a null value and an empty value differ', async () => {
  const records = [
    { delta: 0, key: null, value: null },
    { delta: 1, key: '', value: '' },
  ]
  const found = (await reading(fetched([{ base: 0, records }])).read(most)).records
  expect(found.map(({ key, start, end }) => [key, start === -1, end - start])).toEqual([
    [null, true, 0],
    ['', false, 0],
  ])
})

test('times may go back within a batch and lie far apart', async () => {
  const deltas = [0, -1, 70, -70, 9_000, -9_000_000, 400 * 86_400_000, -(2 ** 40)]
  const records = deltas.map((timeDelta, delta) => ({ delta, value: 'v', timeDelta }))
  const found = (await reading(fetched([{ base: 0, records }])).read(most)).records
  expect(found.map(({ appendTimeMs }) => appendTimeMs - baseTimeMs)).toEqual(deltas)
})

test('records of a batch that the broker has stamped carry the time of the append', async () => {
  const given = fetched([{ base: 0, logTime: true, records: [{ delta: 0, value: 'v', timeDelta: 1 }] }])
  expect((await reading(given).read(most)).records[0]!.appendTimeMs).toBe(maxTimeMs)
})

test('equal keys and headers are the same string and the same array, also in another batch', async () => {
  const pair = (name: string) => ({ key: name, headers: [['project', name]] as const })
  const records = ['a', 'b', 'a', 'b'].map((name, delta) => ({ delta, value: 'v', ...pair(name) }))
  const batches = reading(
    fetched([
      { base: 0, records },
      { base: 4, records },
    ]),
  )
  const { records: found } = await batches.read(most)
  expect(new Set(found.map(({ headers }) => headers)).size).toBe(2)
  expect(found[2]!.headers).toBe(found[0]!.headers)
  expect(found[6]!.headers).toBe(found[0]!.headers)
})

describe('the position', () => {
  test('a batch that begins before the wanted offset gives only what is wanted', async () => {
    const { records, to } = await reading(fetched([{ base: 0, records: run(10) }]), 7).read(most)
    expect([offsets(records), to]).toEqual([[7, 8, 9], 10])
  })

  test('gaps within batches, between them and at their end are passed', async () => {
    const gappy = [
      {
        base: 0,
        records: [
          { delta: 2, value: 'a' },
          { delta: 5, value: 'b' },
        ],
        lastDelta: 9,
      },
    ]
    const { records, to } = await reading(fetched([...gappy, { base: 90, records: run(2) }])).read(most)
    expect([offsets(records), to]).toEqual([[2, 5, 90, 91], 92])
  })

  test('a batch that compaction has emptied is passed', async () => {
    const { records, to } = await reading(fetched([{ base: 5, records: [], lastDelta: 4 }]), 5).read(most)
    expect([records, to]).toEqual([[], 10])
  })

  test('offsets beyond 32 bits stay exact', async () => {
    const base = 2 ** 40 + 1
    const { records, to } = await reading(fetched([{ base, records: run(2) }]), base).read(most)
    expect([offsets(records), to]).toEqual([[base, base + 1], base + 2])
  })

  test('a batch that is cut off is left for the next answer', async () => {
    const given = fetched(
      [
        { base: 0, records: run(3) },
        { base: 3, records: run(3) },
      ],
      { cutBytes: 1 },
    )
    const batches = reading(given)
    const { records, to } = await batches.read(most)
    expect([offsets(records), to, batches.isDone]).toEqual([[0, 1, 2], 3, true])
    expect(batches.cutOffBytes).toBeGreaterThan(61)
  })

  test('an answer that ends within the head of a batch is cut off too', async () => {
    for (const cutBytes of [30, 80, 87]) {
      const batches = reading(
        fetched(
          [
            { base: 0, records: run(3) },
            { base: 3, records: run(3) },
          ],
          { cutBytes },
        ),
      )
      expect((await batches.read(most)).to).toBe(3)
      expect(batches.isDone).toBe(true)
    }
  })

  test('the leader epoch is that of the last batch that was read', async () => {
    const given = fetched([
      { base: 0, records: run(2), leaderEpoch: 4 },
      { base: 2, records: run(2), leaderEpoch: 6 },
    ])
    const batches = reading(given)
    expect((await batches.read(1)).leaderEpoch).toBe(4)
    expect((await batches.read(most)).leaderEpoch).toBe(6)
    expect([leaderEpochOf(given, 1), leaderEpochOf(given, 2)]).toEqual([4, undefined])
  })

  test('the leader epoch is that of the record before the end, wherever room runs out', async () => {
    const given = fetched([
      { base: 0, records: run(3), leaderEpoch: 4 },
      { base: 3, records: [], control: true, leaderEpoch: 4 },
      { base: 4, records: run(3), leaderEpoch: 6 },
    ])
    const found = new Set<string>()
    for (let bytes = 1; bytes < 600; bytes++) {
      const { to, leaderEpoch } = await reading(given).read(bytes)
      found.add(`${to} of ${leaderEpoch}`)
    }
    expect([...found]).toEqual(['1 of 4', '2 of 4', '4 of 4', '5 of 6', '6 of 6', '7 of 6'])
  })
})

describe('what the reader asks for', () => {
  test('an answer is read bit by bit, each record once', async () => {
    const batches = reading(
      fetched([
        { base: 0, records: run(50) },
        { base: 50, records: run(50) },
      ]),
    )
    const found: number[] = []
    while (!batches.isDone) {
      const { records, to } = await batches.read(200)
      expect(to).toBe(batches.next)
      found.push(...offsets(records))
    }
    expect(found).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  test('at least one record is given, however large', async () => {
    const value = 'x'.repeat(100_000)
    const batches = reading(
      fetched([
        {
          base: 0,
          records: [
            { delta: 0, value },
            { delta: 1, value },
          ],
        },
      ]),
    )
    expect((await batches.read(1)).records.length).toBe(1)
    expect((await batches.read(1)).records.length).toBe(1)
  })

  test('a batch of 200,000 tiny records is read in parts of bounded memory', async () => {
    const records = Array.from({ length: 200_000 }, (_, delta) => ({ delta, value: 'x' }))
    for (const codec of [undefined, 'gzip'] as const) {
      const batches = reading(fetched([{ base: 0, records, ...(codec === undefined ? {} : { codec }) }]))
      let count = 0
      while (!batches.isDone) {
        const part = await batches.read(1_048_576)
        expect(part.records.length).toBeLessThanOrEqual(16_384)
        count += part.records.length
      }
      expect([count, batches.next]).toEqual([200_000, 200_000])
    }
  })
})

describe('transactions', () => {
  const data = { transactional: true, producerId: 9 }
  const marker = (base: number) => ({ base, control: true, producerId: 9, records: [{ delta: 0, value: 'marker' }] })

  test('control batches are passed', async () => {
    const { records, to } = await reading(fetched([{ base: 0, records: run(2), ...data }, marker(2)])).read(most)
    expect([offsets(records), to]).toEqual([[0, 1], 3])
  })

  test('records of a transaction that was given up are left out, those of others and of later ones are not', async () => {
    const given = fetched(
      [
        { base: 0, records: run(2), ...data },
        { base: 2, records: run(2), ...data, producerId: 8 },
        { base: 4, records: run(2) },
        marker(6),
        { base: 7, records: run(2), ...data },
        marker(9),
      ],
      { aborted: [{ producerId: 9n, firstOffset: 0 }] },
    )
    const { records, to } = await reading(given).read(most)
    expect([offsets(records), to]).toEqual([[2, 3, 4, 5, 7, 8], 10])
  })
})

describe('compression', () => {
  test.each(['gzip', 'zstd'] as const)('%s is undone', async (codec) => {
    const given = fetched([
      { base: 0, records: run(1_000), codec },
      { base: 1_000, records: run(1) },
    ])
    const { records, to } = await reading(given).read(most)
    expect([values(records)[999], to]).toEqual(['v999', 1_001])
  })

  test.each(['snappy', 'lz4'] as const)('%s is class stop and named', async (codec) => {
    const given = fetched([{ base: 4, records: run(1), codec }])
    const { code, errorClass } = errors.logCodec.entry
    await expect(reading(given).read(most)).rejects.toMatchObject({ code, errorClass })
    await expect(reading(given).read(most)).rejects.toThrow(
      `events/3: the records at offset 4 are compressed with ${codec}`,
    )
  })
})

describe('damage is told, never read as a shorter answer', () => {
  const { code } = errors.logFormat.entry

  test('records of a format before Kafka 0.11', async () => {
    await expect(reading(fetched([{ base: 0, records: run(1), magic: 1 }])).read(most)).rejects.toMatchObject({ code })
  })

  test('compressed bytes that are none', async () => {
    const given = fetched([{ base: 0, records: run(100), codec: 'gzip' }])
    given.bytes.fill(7, given.start + 61, given.start + 80)
    await expect(reading(given).read(most)).rejects.toMatchObject({ code })
  })

  test('lengths that point beyond the batch', async () => {
    const given = fetched([{ base: 0, records: run(3) }])
    given.bytes[given.start + 61] = 0x7e
    await expect(reading(given).read(most)).rejects.toMatchObject({ code })
  })
})
