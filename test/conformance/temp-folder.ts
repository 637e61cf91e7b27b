/** Folders of the system's temporary folder that are removed when a test file is through. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Call once per test file; each call of the result gives a new empty folder. */
export const tempFolders = (): (() => string) => {
  const made: string[] = []
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'spillway-'))
    made.push(folder)
    return folder
  }
}
