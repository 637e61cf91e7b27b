/**
 * The text format of Prometheus, version 0.0.4: per family one HELP, one TYPE, then its samples together. Escapes what
 * must be; leaves out what is no number.
 */
export type MetricKind = 'gauge' | 'counter'

export interface MetricSample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number | null | undefined
}

export interface MetricFamily {
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
  readonly samples: readonly MetricSample[]
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/** `constant`: labels of every sample. Families without a sample are left out. */
export const prometheusText = (
  families: readonly MetricFamily[],
  constant: Readonly<Record<string, string>> = {},
): string => families.map((family) => familyText(family, constant)).join('')

const familyText = (
  { name, kind, help, samples }: MetricFamily,
  constant: Readonly<Record<string, string>>,
): string => {
  const lines = samples.flatMap(({ labels, value }) =>
    typeof value === 'number' && !Number.isNaN(value)
      ? [`${name}${labelsText({ ...constant, ...labels })} ${numberText(value)}\n`]
      : [],
  )
  if (lines.length === 0) return ''
  return `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${kind}\n${lines.join('')}`
}

const labelsText = (labels: Readonly<Record<string, string | number>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedLabel(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escapedHelp = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')

const escapedLabel = (text: string): string =>
  text.toWellFormed().replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')

const numberText = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
