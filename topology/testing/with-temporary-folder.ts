/** A folder for what tests spill: a process that dies in a test removes nothing, so the test does. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder for the time of `use`. */
export const withTemporaryFolder = async <Result>(use: (folder: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  try {
    return await use(folder)
  } finally {
    // What a dead process still writes would bring the folder back while it is removed.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}
