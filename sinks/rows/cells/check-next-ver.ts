/** The one rule of versions that every ledger holds its callers to (I-4: records only move forward). */
import assert from 'node:assert/strict'

/** Throws an assertion error, a bug of the caller, unless `next` is a safe integer above `expected`. */
export const checkNextVer = (expected: number | undefined, next: number): void => {
  assert.ok(
    Number.isSafeInteger(next) && (expected === undefined || next > expected),
    `the next ver ${next} must be larger than ${expected}`,
  )
}
