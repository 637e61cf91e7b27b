/** The public streams of an answer: whole JSON and CSV documents in chunks, each a bounded piece of work. */
import { csvStyle, jsonStyle } from './answer-style.ts'
import type { RollupAnswer } from './rollup-answer.ts'
import { type AnswerEnd, type WriteOptions, writeAnswer } from './write-answer.ts'
import { answerFlags } from './write-result.ts'

type DocumentOptions = Omit<WriteOptions, 'after'>

/** Compact JSON, byte for byte `JSON.stringify(queryRollup(...))`; where it was cut, a member `cut` says so. */
export const writeRollupJson = (
  answer: RollupAnswer,
  options: DocumentOptions = {},
): Generator<Uint8Array, AnswerEnd> => {
  const style = jsonStyle(answer)
  const after = ({ approximate, cut }: AnswerEnd): string =>
    `,${JSON.stringify({ approximate, ...answerFlags(answer), cut }).slice(1)}`
  return writeAnswer(answer, { ...style, open: `{"result":${style.open}` }, { ...options, after })
}

/** CSV with a line of names: start and end of the interval where there are any, group, values. */
export const writeRollupCsv = (answer: RollupAnswer, options: DocumentOptions = {}): Generator<Uint8Array, AnswerEnd> =>
  writeAnswer(answer, csvStyle(answer), options)
