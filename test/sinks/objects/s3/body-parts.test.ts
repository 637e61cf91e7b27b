import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyParts } from '../../../../sinks/objects/s3/body-parts.ts'
import { bodyOf } from './given-s3.ts'

test('however a body comes, its parts are equally long but for the last, and together the body', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 9 }), async (given, partBytes) => {
      const parts = await Array.fromAsync(bodyParts(bodyOf(...given), partBytes))
      expect(Buffer.concat(parts.map(({ bytes }) => bytes))).toEqual(Buffer.concat(given))
      expect(parts.map(({ isLast }) => isLast)).toEqual(parts.map((_, index) => index === parts.length - 1))
      for (const { bytes } of parts.slice(0, -1)) expect(bytes.length).toBe(partBytes)
      const last = parts.at(-1)?.bytes.length ?? 0
      expect(last > 0 || parts.length === 1).toBe(true)
      expect(last).toBeLessThanOrEqual(partBytes)
    }),
  )
})
