/** Knobs in words for people: their values with units, when a change is felt, and what is wrong with a value. */
import { type AnyKnob, isNumberKnob, type KnobTime } from '../model/knob.ts'
import type { KnobSetting } from '../model/knobs/knob-setting.ts'
import { formatBytes, parseBytes, parseDuration } from '../model/quantity.ts'
import { formatDuration, formatNumber } from './text-table.ts'

/** Behind "will hear of it within a second". */
export const feltTexts: Readonly<Record<KnobTime, string>> = {
  now: '; felt at once',
  batch: '; felt with the next batch',
  epoch: '; felt with the next epoch, ends that are declared stay',
  lane: '; felt by lanes that begin from then on',
  worker: '; felt by workers that start from then on',
  start: '; felt when a process starts',
}

/** `5,000 ms`, `64 MiB`, `0.25`, `catch-up`. */
export const settingText = (knob: AnyKnob, value: KnobSetting): string => {
  if (typeof value === 'string') return value === '' ? 'none' : value
  const { unit } = knob
  if (unit === 'bytes') return value < 10_240 ? `${formatNumber(value)} bytes` : formatBytes(value)
  if (unit === 'bytes/s') return value === 0 ? '0' : `${formatBytes(value)}/s`
  if (unit === 'ms') return value < 60_000 ? `${formatNumber(value)} ms` : formatDuration(value)
  return isNumberKnob(knob) && knob.max <= 1 ? String(value) : `${formatNumber(value)} ${unit}`
}

/** Where a value has the unit of another kind of knob. */
export const unitHint = ({ name, unit }: AnyKnob, written: string): string => {
  const isBare = /^\s*[\d.]+\s*$/.test(written)
  if (isBare) return ''
  if (unit !== 'ms' && typeof parseDuration(written) === 'number')
    return `${written} is a time; ${name} takes ${unit === '0..1' ? 'a share from 0 to 1' : unit}.`
  if (!unit.startsWith('bytes') && typeof parseBytes(written) === 'number')
    return `${written} is a size; ${name} takes ${unit === 'ms' ? 'a time such as 500, 5s or 2m' : unit}.`
  if (/^\s*[\d.]+\s*%\s*$/.test(written) && unit === '0..1')
    return `A share is written from 0 to 1: ${Number.parseFloat(written) / 100}.`
  return ''
}
