/**
 * The one class behind `Stream` and `StateStream`: it notes bolts and sinks in the draft.
 *
 * It takes anything at run time and says what is wrong with it, because type stripping checks no types: a topology run
 * straight from its file must still get a sentence instead of a failure in the engine.
 */
import type { OperatorFunction } from 'rxjs'
import type { DedupeOperator } from '../model/dedupe-operator.ts'
import { didYouMean } from '../model/nearest-name.ts'
import type { StateOperator } from '../model/operator.ts'
import type { Sink } from '../model/sink.ts'
import { type BoltNode, isStateOperator, type SinkNode } from '../model/topology.ts'
import { callerLocation } from './caller-location.ts'
import { addNode, type Draft } from './draft.ts'
import { problem, type SourceLocation } from './problem.ts'
import type { NodeOptions } from './stream.ts'

type AnyOperator = BoltNode['operator']

export class DeclaredStream {
  readonly #draft: Draft
  readonly inputs: readonly string[]
  readonly isState: boolean

  constructor(draft: Draft, inputs: readonly string[], isState: boolean) {
    this.#draft = draft
    this.inputs = inputs
    this.isState = isState
  }

  get name(): string {
    return this.inputs.join('+')
  }

  isOf(draft: Draft): boolean {
    return this.#draft === draft
  }

  bolt(name: string, given: unknown, options?: NodeOptions): DeclaredStream {
    const at = callerLocation()
    const operator = this.#operatorOf(String(name), given, at)
    const version = this.#versionOf(`bolt ${name}`, options, at)
    const node: BoltNode = { kind: 'bolt', name: String(name), inputs: [...this.inputs], operator, version }
    addNode(this.#draft, this.#draft.bolts, node, at)
    return new DeclaredStream(this.#draft, [node.name], isStateOperator(operator))
  }

  sink(name: string, given: unknown, options?: NodeOptions): void {
    const at = callerLocation()
    const version = this.#versionOf(`sink ${name}`, options, at)
    if (!isOfKind<Sink>(given, 'sink')) {
      this.#problem(`sink ${name} was given ${whatIs(given)}`, sinkAdvice(given), at)
      return
    }
    const node: SinkNode = { kind: 'sink', name: String(name), inputs: [...this.inputs], sink: given, version }
    addNode(this.#draft, this.#draft.sinks, node, at)
  }

  #operatorOf(name: string, given: unknown, at: SourceLocation | undefined): AnyOperator {
    if (isOperatorFunction(given) || isOfKind<StateOperator>(given, 'operator')) return given
    if (isOfKind<DedupeOperator>(given, 'dedupe')) return given
    this.#problem(`bolt ${name} was given ${whatIs(given)}`, boltAdvice(given), at)
    return (source) => source
  }

  #versionOf(what: string, options: unknown, at: SourceLocation | undefined): string | undefined {
    if (options === undefined) return undefined
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      this.#problem(
        `${what}: options are an object`,
        "write { version: '2' }; join several operators with pipe(...)",
        at,
      )
      return undefined
    }
    const { version, ...rest }: { version?: unknown } = options
    for (const key of Object.keys(rest)) {
      this.#problem(`${what} has no option ${JSON.stringify(key)}`, didYouMean(key, ['version']), at)
    }
    if (version === undefined || typeof version === 'string') return version
    this.#problem(`${what}: version is a text`, `write version: ${JSON.stringify(String(version))}`, at)
    return undefined
  }

  #problem(text: string, suggestion: string | undefined, at: SourceLocation | undefined): void {
    this.#draft.problems.push(problem(text, suggestion, at))
  }
}

const isOperatorFunction = (value: unknown): value is OperatorFunction<unknown, unknown> => typeof value === 'function'

const kindOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined

const isOfKind = <T extends { readonly kind: string }>(value: unknown, kind: T['kind']): value is T =>
  kindOf(value) === kind

const whatIs = (value: unknown): string => {
  const kind = kindOf(value)
  if (kind === 'operator' || kind === 'sink' || kind === 'aggregate') return `the ${kind} ${nameOf(value)}`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return `the function ${value.name === '' ? '(no name)' : value.name}`
  return value === null || value === undefined ? String(value) : `a ${typeof value}`
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value ? String(value.name) : ''

const boltAdvice = (given: unknown): string => {
  if (kindOf(given) === 'sink') return `write .sink(name, ${nameOf(given)}())`
  if (kindOf(given) === 'aggregate') return 'put it into rollup({ values: { ... } })'
  if (Array.isArray(given)) return "join several operators with RxJS's pipe(...)"
  return 'a bolt is one RxJS operator or one state operator'
}

const sinkAdvice = (given: unknown): string => {
  if (kindOf(given) === 'operator') return `write .bolt(name, ${nameOf(given)}(...)).sink(name, tableRows())`
  if (typeof given === 'function') return `call it: ${given.name === '' ? 'sink' : given.name}()`
  return 'a sink is tableRows(), eventRows(), objects(...) or your own from defineSink'
}
