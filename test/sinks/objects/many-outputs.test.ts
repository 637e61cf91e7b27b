/** Many outputs of one epoch in bounded memory (PEERS P7). */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { s3Server } from './s3/given-s3.ts'

const program = fileURLToPath(import.meta.resolve('./write-many-outputs.ts'))

const memoryOf = async (kind: string, outputs: number): Promise<{ stored: number; mebibytes: number }> => {
  const words = ['--conditions=spillway-source', program, kind, String(outputs)]
  const { stdout } = await promisify(execFile)(process.execPath, words)
  return JSON.parse(stdout)
}

test('10,000 outputs of an epoch need less than 512 MiB', { timeout: 60_000 }, async () => {
  expect((await memoryOf('forgetful', 10_000)).mebibytes).toBeLessThan(512)
})

test.skipIf(s3Server === undefined)('so do outputs on S3', { timeout: 60_000 }, async () => {
  const { stored, mebibytes } = await memoryOf('s3', 1_500)
  expect(stored).toBe(1_500)
  expect(mebibytes).toBeLessThan(512)
})
