/**
 * Exceptions to the ceilings, each with its measured number. A number may only go down, a file that fits again leaves
 * the list, and each entry has a line in DECISIONS.md.
 */
import type { Measured } from './sizes.ts'
import { readText, type Violation } from './source-tree.ts'

export type RatchetRule = 'file lines' | 'function lines' | 'casts without a reason'

export const ratchet: Readonly<Record<RatchetRule, Readonly<Record<string, number>>>> = {
  'file lines': {},
  'function lines': {},
  'casts without a reason': {},
}

/** Compares what was measured with the ceiling and with the list. */
export const ratchetViolations = (
  rule: RatchetRule,
  max: number,
  measured: readonly Measured[],
  listed: Readonly<Record<string, number>> = ratchet[rule],
): readonly Violation[] => {
  const over = measured.filter(({ number }) => number > max)
  const gone = Object.keys(listed).filter((path) => !over.some((one) => one.path === path))
  return [
    ...over.flatMap(({ path, line, number }) => {
      const allowed = listed[path]
      if (allowed === number) return []
      if (allowed === undefined) return [{ path, line, rule: `${number} ${rule}, the ceiling is ${max}` }]
      const verdict = number > allowed ? `more than the listed ${allowed}` : `less than before: list ${number}`
      return [{ path, line, rule: `${number} ${rule}, ${verdict}` }]
    }),
    ...gone.map((path) => ({ path, line: 1, rule: `fits again in ${rule}: take it off the list` })),
  ]
}

export const undecidedExceptions = (): readonly string[] => {
  const decisions = readText('DECISIONS.md')
  return Object.values(ratchet)
    .flatMap((listed) => Object.keys(listed))
    .filter((path) => !decisions.includes(path))
    .map((path) => `${path} is an exception without a line in DECISIONS.md`)
}
