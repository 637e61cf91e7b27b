/**
 * How an answer looks: compact JSON, indented JSON, CSV. A style gives the text of a cell and what stands around cells;
 * the order of writing is `writeAnswer`'s. JSON is byte for byte what `JSON.stringify` makes of the answer's object.
 */
import { formatTime } from '../../topology/model/event-time.ts'
import type { JsonScalar, JsonValue } from '../../topology/model/json.ts'
import { cellObject } from './cell-object.ts'
import type { RollupAnswer } from './rollup-answer.ts'
import { writtenFrame } from './write-result.ts'

export interface AnswerStyle {
  readonly open: string
  readonly close: string
  /** One cell: the answers, or the holes, of a group. */
  cell(group: number, answers: readonly JsonValue[]): string
  /** Around the cells of an interval, and between them. */
  block(index: number, isEmpty: boolean): { readonly head: string; readonly separator: string; readonly tail: string }
}

/** Compact JSON of the result. */
export const jsonStyle = (answer: RollupAnswer): AnswerStyle => {
  const { names, intervals } = answer
  const [open, close] = names.length > 0 ? ['[', ']'] : ['', '']
  const isSeries = intervals !== undefined
  return {
    open: isSeries ? '[' : '',
    close: isSeries ? ']' : '',
    cell: compactCell(answer),
    block: (index) => ({
      head: isSeries
        ? `${index > 0 ? ',' : ''}{"timeframe":${JSON.stringify(writtenFrame(intervals[index]!))},"value":${open}`
        : open,
      separator: ',',
      tail: isSeries ? `${close}}` : close,
    }),
  }
}

/** The group's part of a cell is written once, where no name is a number: these come first in every object. */
const compactCell = ({ names, values, groups }: RollupAnswer): AnswerStyle['cell'] => {
  const all = [...names, ...values.map(({ name }) => name)]
  const written = Object.keys(Object.fromEntries(all.map((name) => [name, 0])))
  if (written.some((name, index) => name !== all[index])) {
    return (group, answers) => JSON.stringify(cellObject(names, groups[group]!, values, answers))
  }
  const heads = values.map(({ name }, index) => `${index + names.length > 0 ? ',' : ''}${JSON.stringify(name)}:`)
  const keys = names.map((name) => `${JSON.stringify(name)}:`)
  const known: (string | undefined)[] = []
  return (group, answers) => {
    let text = known[group]
    if (text === undefined) {
      const members = groups[group]!.map((value, index) => `${keys[index]}${JSON.stringify(value)}`)
      text = `{${members.join(',')}`
      known[group] = text
    }
    for (let i = 0; i < heads.length; i += 1) text += heads[i]! + valueText(answers[i]!)
    return `${text}}`
  }
}

const valueText = (value: JsonValue): string =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : JSON.stringify(value)

/** JSON of the result, indented by two blanks as a member `result` of the object that holds it. */
export const prettyStyle = ({ names, values, groups, intervals }: RollupAnswer): AnswerStyle => {
  const isSeries = intervals !== undefined
  const isGrouped = names.length > 0
  const line = (depth: number): string => `\n${'  '.repeat(depth)}`
  const depth = isSeries ? 3 : 1
  const inner = line(isGrouped ? depth + 1 : depth)
  const frameOf = (index: number): string =>
    JSON.stringify(writtenFrame(intervals![index]!), undefined, 2).replaceAll('\n', line(3))
  return {
    open: isSeries ? '[' : '',
    close: isSeries ? (intervals.length > 0 ? `${line(1)}]` : ']') : '',
    cell: (group, answers) =>
      JSON.stringify(cellObject(names, groups[group]!, values, answers), undefined, 2).replaceAll('\n', inner),
    block: (index, isEmpty) => {
      const list = !isGrouped ? '' : isEmpty ? '[' : `[${inner}`
      const end = !isGrouped ? '' : isEmpty ? ']' : `${line(depth)}]`
      const start = isSeries
        ? `${index > 0 ? ',' : ''}${line(2)}{${line(3)}"timeframe": ${frameOf(index)},${line(3)}"value": `
        : ''
      return { head: `${start}${list}`, separator: `,${inner}`, tail: `${end}${isSeries ? `${line(2)}}` : ''}` }
    },
  }
}

/** One line per cell: start and end of the interval, the group, the answers. `null` is nothing, an empty text is `""`. */
export const csvStyle = ({ names, values, groups, intervals }: RollupAnswer): AnswerStyle => {
  const heads = [...(intervals === undefined ? [] : ['start', 'end']), ...names, ...values.map(({ name }) => name)]
  const prefixOf = (index: number): string => {
    const frame = intervals?.[index]
    return frame === undefined ? '' : `${formatTime(frame.startMs)},${formatTime(frame.endMs)},`
  }
  return {
    open: `${heads.map(csvCell).join(',')}\n`,
    close: '',
    cell: (group, answers) => `${[...groups[group]!, ...answers].map(csvCell).join(',')}\n`,
    block: (index, isEmpty) => {
      const prefix = prefixOf(index)
      return { head: isEmpty ? '' : prefix, separator: prefix, tail: '' }
    },
  }
}

const csvCell = (value: JsonValue | JsonScalar): string => {
  if (value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
