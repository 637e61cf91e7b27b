/**
 * Reads the text format of Prometheus strictly, as its page says it: anything that it would refuse or take for
 * something else throws.
 */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedFamily {
  readonly kind: string
  readonly help: string
  readonly samples: readonly ParsedSample[]
}

export const parsePrometheus = (text: string): ReadonlyMap<string, ParsedFamily> => {
  if (!text.endsWith('\n')) throw new Error('the last line ends with a line feed')
  const families = new Map<string, { kind: string; help: string; samples: ParsedSample[] }>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line)
    if (comment !== null) {
      const [, word, name = '', rest = ''] = comment
      current = name
      const family = families.get(name)
      if (word === 'HELP') {
        if (family !== undefined) throw new Error(`${name} has two helps, or stands in two places`)
        families.set(name, { kind: '', help: rest, samples: [] })
      } else {
        if (family === undefined || family.kind !== '') throw new Error(`type of ${name} is not behind its help`)
        if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(rest))
          throw new Error(`${rest} is no type`)
        family.kind = rest
      }
      continue
    }
    const sample = parseSample(line)
    if (sample.name !== current) throw new Error(`${line} does not stand in its family`)
    families.get(current)!.samples.push(sample)
  }
  for (const [name, { kind, samples }] of families) {
    if (kind === '' || samples.length === 0) throw new Error(`${name} has no type or no sample`)
    const keys = samples.map(({ labels }) => JSON.stringify(Object.entries(labels).sort()))
    if (new Set(keys).size < keys.length) throw new Error(`${name} has the same labels twice`)
  }
  return families
}

const parseSample = (line: string): ParsedSample => {
  const head = /^([a-zA-Z_:][\w:]*)/.exec(line)
  if (head === null) throw new Error(`no name: ${line}`)
  let at = head[0].length
  const labels: Record<string, string> = {}
  if (line[at] === '{') {
    at++
    while (line[at] !== '}') {
      const label = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|(?=\}))/.exec(line.slice(at))
      if (label === null) throw new Error(`no label at ${at}: ${line}`)
      const [all, name = '', value = ''] = label
      if (name.startsWith('__') || name in labels) throw new Error(`label ${name}: ${line}`)
      labels[name] = value.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))
      at += all.length
    }
    at++
  }
  const value = /^ ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.exec(line.slice(at))
  if (value === null) throw new Error(`no value: ${line}`)
  return { name: head[0], labels, value: Number(value[1]!.replace('Inf', 'Infinity')) }
}
