/**
 * Bounds that are used up: memory, CPU, pools of calls, disks. Told at half, long before the end, with the time that is
 * left at the present growth; what lasts a moment is no alert.
 */
import { formatBytes } from '../../../model/quantity.ts'
import { durationWords, shareWords } from '../../lag-words.ts'
import { type AlertSight, slopeOf } from '../alert-sight.ts'
import type { AlertSignal } from '../alert-signal.ts'

const criticalRatio = 0.9
const slopeWindowMs = 60_000

const watched = {
  memory: { what: 'memory of', symptom: 'memory high, epochs close by pressure' },
  cpu: { what: 'CPU of the', symptom: 'lag grows on one or more branches' },
  pool: { what: 'calls to', symptom: 'a sink is slow' },
} as const

export const usedSignals = (sight: AlertSight): readonly AlertSignal[] => {
  const used = sight.samples.at(-1)?.used ?? new Map<string, number>()
  const [threshold, forMs] = [sight.knob('alert.usedRatio'), sight.knob('alert.forMs')]
  return [...used].flatMap(([key, ratio]): readonly AlertSignal[] => {
    const [rule = '', subject = ''] = splitAtSlash(key)
    if (!isWatched(rule) || ratio < threshold) return []
    const { what, symptom } = watched[rule]
    const text = `${what} ${subject} at ${shareWords(ratio)} of its bound${waitingWords(sight, rule, subject)}; ${saturationWords(sight, key, ratio)}`
    return [{ rule, level: ratio >= criticalRatio ? 'critical' : 'warning', subject, text, symptom, forMs }]
  })
}

const isWatched = (rule: string): rule is keyof typeof watched => Object.hasOwn(watched, rule)

const splitAtSlash = (key: string): readonly string[] => [
  key.slice(0, key.indexOf('/')),
  key.slice(key.indexOf('/') + 1),
]

const waitingWords = ({ surroundings }: AlertSight, rule: string, subject: string): string => {
  const waiting = rule === 'pool' ? surroundings.pools.find(({ name }) => name === subject)?.waiting : 0
  return waiting === undefined || waiting === 0 ? '' : `, ${waiting} calls wait`
}

/** When the bound is reached at the growth of the last minute. */
const saturationWords = ({ samples }: AlertSight, key: string, ratio: number): string => {
  if (ratio >= 1) return 'it is full'
  const slope = slopeOf(samples, slopeWindowMs, ({ used }) => used.get(key))
  if (slope === undefined || slope <= 1e-5) return 'it does not grow'
  return `full in ${durationWords(((1 - ratio) / slope) * 1_000)} at this growth`
}

const diskWarningShare = 0.1
const diskCriticalShare = 0.03

/** A disk fills without a way back: it is told at once. */
export const diskSignals = (sight: AlertSight): readonly AlertSignal[] =>
  sight.surroundings.disks.flatMap((disk): readonly AlertSignal[] => {
    const free = disk.totalBytes > 0 ? disk.freeBytes / disk.totalBytes : 1
    if (free > diskWarningShare) return []
    const left = `${formatBytes(disk.freeBytes)} (${shareWords(free)}) left for ${disk.name}`
    return [
      {
        rule: 'disk',
        level: free <= diskCriticalShare ? 'critical' : 'warning',
        subject: disk.name,
        text: `${left}; ${saturationWords(sight, `disk/${disk.name}`, 1 - free)}`,
        symptom: 'memory high, epochs close by pressure',
        forMs: 0,
      },
    ]
  })
