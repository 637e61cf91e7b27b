/** Where a property of each record comes from, in words. */
import type { LogOptions, Source } from '../model/topology.ts'

/** `usual` is what holds where nothing is declared. */
export const describeSource = (source: Source | undefined, usual: string): string => {
  if (source === undefined) return usual
  if (typeof source === 'string') return `always ${JSON.stringify(source)}`
  if ('header' in source) return `header ${source.header}`
  return 'path' in source ? `property ${source.path}` : 'the key'
}

export const describeTime = (time: LogOptions['time']): string => {
  const usual = 'header spillway-time, keen.timestamp, append time'
  if (time === undefined) return usual
  if (typeof time === 'string') return `property ${time}, else ${usual}`
  return `property ${time.path}${time.unit === undefined ? '' : ` in ${time.unit}`}, else ${usual}`
}
