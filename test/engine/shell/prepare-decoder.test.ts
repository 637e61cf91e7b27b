import { expect, test } from 'vitest'
import { prepareDecoder } from '../../../topology/engine/shell/prepare-decoder.ts'
import { errors } from '../../../topology/model/errors.ts'
import type { Happening } from '../../../topology/model/run-handle.ts'
import { batchOf } from '../../spouts/decode/records.ts'

/** A decoder that fails as often as there are errors, and the engine's parts around it. */
const givenDecoder = (...failures: readonly Error[]) => {
  const left = [...failures]
  const happenings: string[] = []
  const decoder = {
    decode: () => {
      throw new Error('not asked')
    },
    prepare: async () => {
      const failure = left.shift()
      if (failure !== undefined) throw failure
    },
  }
  const parts = {
    clock: { nowMs: () => 0, sleep: async () => {} },
    random: { next: () => 0 },
    knob: () => 1,
    report: ({ text }: Pick<Happening, 'text'>) => void happenings.push(text),
  }
  const context = { parts, signal: new AbortController().signal } as unknown as Parameters<typeof prepareDecoder>[0] // what it reads
  return { prepared: () => prepareDecoder(context, decoder, batchOf([])), left, happenings }
}

const away = errors.registryUnavailable({ registry: 'http://registry', reason: 'it answers with status 503' })

test('a registry that is away is waited for, and told once', async () => {
  const { prepared, left, happenings } = givenDecoder(away, away, away)
  await prepared()
  expect(left).toEqual([])
  expect(happenings).toEqual(['schemas: schema registry http://registry: it answers with status 503'])
})

test('a registry that refuses the credentials stops the lane', async () => {
  const refused = errors.schemasUnusable({ place: 'http://registry', reason: 'it refuses the credentials' })
  const { prepared } = givenDecoder(away, refused)
  await expect(prepared()).rejects.toBe(refused)
})
