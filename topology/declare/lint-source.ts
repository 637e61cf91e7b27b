/**
 * Searches the text of a topology's file for calls that make a bolt depend on something other than its tuples, or live
 * longer than its batch. Results would then change with every cut, crash or replay (I-1), or a lane would wait for ever.
 *
 * A search of text, not a proof: comments and strings are left out, what other files do is not seen.
 */
import { collectionNameProblem } from '../model/names.ts'
import type { SourceText } from './lint-topology.ts'
import { maskedCode } from './masked-code.ts'
import { moduleStateChanges } from './module-state.ts'
import { type Problem, problem } from './problem.ts'

interface Rule {
  readonly pattern: RegExp
  /** Whether the names are those of RxJS, and mean nothing where they are imported from elsewhere. */
  readonly isRx?: boolean
  readonly text: (found: string) => string
  readonly suggestion: string
}

/** A call of one of the names, as a word of its own and not as a member of something. */
const callOf = (...names: readonly string[]): RegExp =>
  new RegExp(`(?<![.\\w$])(?:${names.join('|')})(?=\\s*(?:<[^()]*>)?\\()`, 'g')

const ownState = 'keep state with rollup(...) or an operator of your own from defineOperator'
const eventTime = 'take event.timestamp or event.createdAt: they are the same whenever the event is read again'

const rules: readonly Rule[] = [
  {
    pattern: /(?<![.\w$])(?:Date\.now(?=\s*\()|performance\.now(?=\s*\()|new Date(?=\s*\(\s*\)))/g,
    text: (found) => `${found}() reads the wall clock: after a crash or in a replay the result is another`,
    suggestion: eventTime,
  },
  {
    pattern: /(?<![.\w$])(?:Math\.random|crypto\.randomUUID|randomUUID|crypto\.getRandomValues)(?=\s*\()/g,
    text: (found) => `${found}() is different each time: after a crash or in a replay the result is another`,
    suggestion: 'derive it from event.id, which is unique and stays the same',
  },
  {
    pattern: callOf('fetch'),
    text: () => 'fetch() in a bolt: its answer may differ when the event is read again, and each batch waits for it',
    suggestion: 'bring the data into the log, or load it before the topology is defined',
  },
  {
    pattern: callOf('setTimeout', 'setInterval', 'setImmediate'),
    text: (found) => `${found}() in a bolt outlives the batch`,
    suggestion: 'a bolt is finished when its batch is; windows belong into rollup({ window })',
  },
  {
    isRx: true,
    pattern: callOf('interval', 'timer', 'fromEvent', 'repeat', 'webSocket'),
    text: (found) => `${found}() emits without a tuple, or for ever: a bolt must complete with its batch`,
    suggestion: 'emit for tuples only',
  },
  {
    isRx: true,
    pattern: callOf('share', 'shareReplay', 'publish', 'publishReplay', 'multicast', 'connectable'),
    text: (found) => `${found}() is held beyond a batch; each batch is a subscription of its own`,
    suggestion: 'feed several bolts from one stream instead: it is shared already',
  },
  {
    isRx: true,
    pattern: callOf(
      'bufferTime',
      'windowTime',
      'debounceTime',
      'debounce',
      'throttleTime',
      'throttle',
      'auditTime',
      'audit',
      'sampleTime',
      'delay',
      'timeout',
      'timeInterval',
    ),
    text: (found) => `${found}() goes by the wall clock: what it emits depends on when the batch was read`,
    suggestion: 'use rollup({ window }) for time; the engine slows down by itself',
  },
  {
    isRx: true,
    pattern: callOf(
      'scan',
      'distinct',
      'distinctUntilChanged',
      'pairwise',
      'reduce',
      'bufferCount',
      'windowCount',
      'toArray',
    ),
    text: (found) => `${found}() sees one batch, and how the log is cut into batches changes`,
    suggestion: ownState,
  },
  {
    isRx: true,
    pattern: callOf('take', 'takeLast', 'takeUntil', 'skip', 'first', 'last', 'single', 'elementAt'),
    text: (found) => `${found}() counts within one batch, and how the log is cut into batches changes`,
    suggestion: 'decide by the tuple itself with filter(...)',
  },
  {
    isRx: true,
    pattern: callOf('retry', 'retryWhen'),
    text: (found) => `${found}() repeats the whole batch inside the bolt, and nobody counts how often`,
    suggestion: 'let the error through: the engine tells which record failed and repeats what can pass',
  },
  {
    pattern: /(?<![.\w$])(?:while\s*\(\s*(?:true|1)\s*\)|for\s*\(\s*;\s*;\s*\))/g,
    text: (found) =>
      `${found} ends by nothing but itself: a record that never passes would hold its lane until the time limit`,
    suggestion: 'bound the loop; what may pass later is thrown as an error of class retry, and repeated with pauses',
  },
  {
    pattern:
      /(?<![.\w$])heldBytes(?=\s*(?::\s*\(\)\s*(?::\s*number\s*)?=>|\(\)\s*(?::\s*number\s*)?\{\s*return)\s*0\s*[,;}\n])/g,
    text: (found) => `${found}() is always 0: what the sink collects has no budget, and no pressure closes its epochs`,
    suggestion: 'count the bytes of what add() keeps, roughly',
  },
  {
    isRx: true,
    pattern: callOf('catchError', 'onErrorResumeNext'),
    text: (found) => `${found}() hides the record that failed: it becomes no dead letter, and is in no count`,
    suggestion: 'let the error through: the record is kept with its cause, and can be brought in again',
  },
  {
    isRx: true,
    pattern: callOf('buffer', 'bufferToggle', 'bufferWhen', 'window', 'windowToggle', 'windowWhen'),
    text: (found) => `${found}() collects without a bound, outside of the budget of memory`,
    suggestion: 'collect in a rollup or a sink: what these hold is counted and bounded',
  },
]

/** Warnings with their places, in the order of the text. */
export const lintSource = (source: SourceText): readonly Problem[] => {
  const code = maskedCode(source.text)
  const names = rxNames(source.text)
  const found = rules.flatMap((rule) =>
    [...code.matchAll(rule.pattern)]
      .filter((match) => rule.isRx !== true || names?.has(match[0]) !== false)
      .map((match) => ({
        index: match.index,
        problem: problem(rule.text(match[0]), rule.suggestion, placeAt(source, match.index)),
      })),
  )
  found.push(...collectionNames(source, code))
  for (const { index, text } of moduleStateChanges(code, names ?? new Set()))
    found.push({ index, problem: problem(text, ownState, placeAt(source, index)) })
  return found.sort((left, right) => left.index - right.index).map((one) => one.problem)
}

/** What the text imports from RxJS; `undefined` for text that imports nothing at all: a function on its own. */
const rxNames = (text: string): ReadonlySet<string> | undefined => {
  if (!/^\s*import\b/m.test(text)) return undefined
  const lists = text.matchAll(/import\s*\{([^}]*)\}\s*from\s*['"]rxjs(?:\/operators)?['"]/g)
  return new Set([...lists].flatMap((list) => (list[1] ?? '').split(',').map((name) => name.trim())))
}

/** Collection names that no event can have: a filter for one of them lets nothing through. */
const collectionNames = (source: SourceText, code: string): { readonly index: number; readonly problem: Problem }[] =>
  [...source.text.matchAll(/\.collection\s*[!=]==?\s*(['"])(.*?)\1/g)].flatMap((match) => {
    const name = match[2] ?? ''
    const reason = collectionNameProblem(name)
    if (reason === undefined || !code.startsWith('.collection', match.index)) return []
    const text = `collection ${JSON.stringify(name)} ${reason}: no event has this collection`
    return [{ index: match.index, problem: problem(text, undefined, placeAt(source, match.index)) }]
  })

const placeAt = (source: SourceText, index: number): Problem['at'] => {
  const before = source.text.slice(0, index).split('\n')
  return { file: source.file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
