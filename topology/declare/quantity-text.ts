/** Durations and sizes as people read them: `1 s`, `5 min`, `32 MiB`. */
export const durationText = (ms: number): string => textOf(ms, durations)
export const bytesText = (bytes: number): string => textOf(bytes, sizes)

type Unit = readonly [name: string, size: number]

const durations: readonly Unit[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

const sizes: readonly Unit[] = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['bytes', 1],
]

const textOf = (value: number, units: readonly Unit[]): string => {
  const [name, size] = units.find(([, one]) => value >= one) ?? units[units.length - 1]!
  return `${Number((value / size).toFixed(1))} ${name}`
}
