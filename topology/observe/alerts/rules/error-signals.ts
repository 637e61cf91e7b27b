/**
 * Errors by the change of their rate, because a few of them are normal everywhere: rejected records by operator, cause
 * and tenant, and calls that fail by stage. The normal is what the last hour has shown.
 */
import { countWords, shareWords } from '../../lag-words.ts'
import type { AlertSample } from '../alert-sample.ts'
import { type AlertSight, growthOf } from '../alert-sight.ts'
import type { AlertSignal } from '../alert-signal.ts'

const windowMs = 60_000
// Fewer in a minute are no change of a rate, whatever came before.
const leastCount = 5
// While nobody knows what is normal here.
const leastUnknown = 20
const jumpFactor = 3
const criticalShare = 0.1

export const deadLetterSignals = (sight: AlertSight): readonly AlertSignal[] => {
  const branches = new Set(sight.snapshot.branches.map(({ branch }) => branch))
  const last = sight.samples.at(-1)
  const told = [...(last?.rejects.keys() ?? [])].filter((key) => !branches.has(key))
  // Who knows the operator and the cause says more than the branch does.
  const keys = told.length > 0 ? told : [...branches]
  const share = worstShare(sight, branches)
  return keys.flatMap((key): readonly AlertSignal[] => {
    const jump = jumpOf(sight, (sample) => sample.rejects.get(key))
    if (jump === undefined) return []
    const ofAll = share === 0 ? '' : `, up to ${shareWords(share)} of the records of a branch`
    return [
      {
        rule: 'dead-letters',
        level: share >= criticalShare ? 'critical' : 'warning',
        subject: key,
        text: `${countWords(jump.now)} records rejected in the last minute (${key}), normal are ${countWords(jump.normal)}${ofAll}`,
        symptom: 'dead letters jump',
        forMs: 0,
      },
    ]
  })
}

const worstShare = ({ samples }: AlertSight, branches: ReadonlySet<string>): number =>
  Math.max(
    0,
    ...[...branches].map((branch) => {
      const received = growthOf(samples, windowMs, (sample) => sample.received.get(branch))
      const rejected = growthOf(samples, windowMs, (sample) => sample.rejects.get(branch))
      return received === 0 ? 0 : Math.min(1, rejected / received)
    }),
  )

export const callErrorSignals = (sight: AlertSight): readonly AlertSignal[] =>
  [...(sight.samples.at(-1)?.errors.keys() ?? [])].flatMap((key): readonly AlertSignal[] => {
    const jump = jumpOf(sight, (sample) => sample.errors.get(key))
    if (jump === undefined) return []
    const text = `${countWords(jump.now)} calls failed in the last minute (${key}), normal are ${countWords(jump.normal)}`
    const symptom = key.startsWith('bolt') ? 'dead letters jump' : 'a sink is slow'
    return [{ rule: 'errors', level: 'warning', subject: key, text, symptom, forMs: 0 }]
  })

const jumpOf = (
  { samples, minutes }: AlertSight,
  numberOf: (sample: AlertSample) => number | undefined,
): { readonly now: number; readonly normal: number } | undefined => {
  const now = growthOf(samples, windowMs, numberOf)
  const normal = normalOf(samples, minutes, numberOf)
  if (normal === undefined) return now >= leastUnknown ? { now, normal: 0 } : undefined
  return now >= leastCount && now >= jumpFactor * Math.max(1, normal) ? { now, normal } : undefined
}

/** A minute's growth in the hour before the last minute; `undefined` while that is not known. */
const normalOf = (
  samples: readonly AlertSample[],
  minutes: readonly AlertSample[],
  numberOf: (sample: AlertSample) => number | undefined,
): number | undefined => {
  const nowMs = samples.at(-1)?.atMs ?? 0
  const before = minutes.filter(({ atMs }) => nowMs - atMs >= windowMs)
  const [first, last] = [before[0], before.at(-1)]
  if (first === undefined || last === undefined || first === last) return undefined
  const grown = growthOf(before, Number.POSITIVE_INFINITY, numberOf)
  return grown / ((last.atMs - first.atMs) / windowMs)
}
