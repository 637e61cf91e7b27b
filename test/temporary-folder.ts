/** All temporary files of a test run lie in one folder that goes with it: processes that are killed in tests clear nothing up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Called by the test runner before it starts its workers; what it gives is called at the end. */
export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-tests-'))
  process.env['TMPDIR'] = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
