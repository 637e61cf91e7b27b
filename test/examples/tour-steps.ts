/** The tour of the README as data: its commands in order, each with what the page says that it prints. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface TourStep {
  /** Without `topology`. */
  readonly words: string
  /** Lines below the command. */
  readonly printed: readonly string[]
}

export interface Tour {
  readonly steps: readonly TourStep[]
  /** What the reader exports before. */
  readonly env: Readonly<Record<string, string>>
}

const readme = resolve(import.meta.dirname, '../../README.md')

export const readTour = (): Tour => {
  const section = readFileSync(readme, 'utf8').split('\n## A tour\n')[1]?.split('\n## ')[0] ?? ''
  const blocks = [...section.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  const exported = [...section.matchAll(/\b(SPILLWAY_\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
  return { steps: blocks.flatMap(stepsOf), env: Object.fromEntries(exported) }
}

const stepsOf = (block: string): readonly TourStep[] =>
  block
    .split(/^\$ topology /m)
    .slice(1)
    .map((step) => {
      const [words = '', ...printed] = step.trimEnd().split('\n')
      return { words, printed }
    })

// What differs from run to run and from machine to machine: durations, rates, sizes of compressed objects.
const varying = /\b[\d.,]+ (?:a second|KiB|ms|s|min(?: \d+ s)?)(?=\W|$)/g

/**
 * What was printed without what varies, and without the lines that tell how far a slow command is. Where something
 * varies, the widths of columns do, too.
 */
export const steadyLines = (lines: readonly string[]): readonly string[] => {
  const kept = lines.map((line) => line.trimEnd()).filter((line) => !/^[\d,]+ lines durable$/.test(line))
  const steady = kept.map((line) => line.replace(varying, '#'))
  const isSteady = steady.every((line, index) => line === kept[index])
  return isSteady ? kept : steady.map((line) => line.replace(/ +/g, ' '))
}

/** Whether the lines are those of the page, where `...` stands for any number of them. */
export const isAsShown = (found: readonly string[], shown: readonly string[]): boolean => {
  const [first, ...rest] = shown
  if (first === undefined) return found.length === 0
  if (first === '...') return found.some((_, index) => isAsShown(found.slice(index), rest)) || rest.length === 0
  return found[0] === first && isAsShown(found.slice(1), rest)
}
