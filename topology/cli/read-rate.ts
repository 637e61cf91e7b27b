/** A rate as people write it: `500/s`, `500`, `30000/min`. */
const seconds: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3_600,
  hour: 3_600,
}
const shape = /^\s*([\d_,]*\d(?:\.\d+)?)\s*(k|m)?\s*(?:events?)?\s*(?:(?:\/|per)\s*([a-z]+))?\s*$/i
const powers: Readonly<Record<string, number>> = { k: 1e3, m: 1e6 }

/** Events a second; a text gives the reason of a refusal. */
export const readRate = (written: string): number | string => {
  const refused = `${JSON.stringify(written)} is not a rate such as 500/s, 20k/s or 30000/min`
  const [, number, power = '', unit = 's'] = shape.exec(written) ?? []
  const per = Object.hasOwn(seconds, unit.toLowerCase()) ? seconds[unit.toLowerCase()] : undefined
  if (number === undefined || per === undefined) return refused
  const rate = (Number(number.replace(/[_,]/g, '')) * (powers[power.toLowerCase()] ?? 1)) / per
  return Number.isFinite(rate) ? Math.round(rate * 1_000) / 1_000 : refused
}
