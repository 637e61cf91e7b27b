/**
 * The shape of a value that has been parsed (DOMAIN section 4): what the scanner notes on its way, by a plain walk. Used for
 * records of the slow path and for objects that user bolts emit.
 */
import { nestingLevelsMax } from '../../model/limits.ts'
import { kindOf } from './json-bytes.ts'
import { shapeLevelsMax } from './json-scanner.ts'
import type { ShapeNode } from './shape-node.ts'
import { countedNameMax, hasNames, type ShapeTrie } from './shape-trie.ts'

/** Calls `note` with the code of each (path, type) that the object shows, possibly several times. */
export const noteShapes = (trie: ShapeTrie, body: object, note: (code: number) => void): void => {
  const walk = new ShapeWalk(trie, note)
  walk.members(body, trie.root, 1)
}

/** Kind of anything that a bolt may put into an object; `kindOf.none` for what JSON leaves out. */
const kindOfValue = (value: unknown): number => {
  switch (typeof value) {
    case 'string':
      return kindOf.string
    case 'number':
      // JSON has no other word for NaN and the infinities.
      return Number.isFinite(value) ? kindOf.num : kindOf.null
    case 'bigint':
      return kindOf.num
    case 'boolean':
      return kindOf.bool
    case 'object':
      if (value === null) return kindOf.null
      if (Array.isArray(value)) return kindOf.list
      return value instanceof Date ? kindOf.datetime : kindOf.object
    default:
      return kindOf.none
  }
}

const isRest = (node: ShapeNode): boolean => node.rest === node

class ShapeWalk {
  readonly #trie: ShapeTrie
  readonly #note: (code: number) => void

  constructor(trie: ShapeTrie, note: (code: number) => void) {
    this.#trie = trie
    this.#note = note
  }

  members(object: object, node: ShapeNode, level: number): void {
    const values = object as Readonly<Record<string, unknown>> // read by its own names alone
    for (const name of Object.keys(object)) this.#show(values[name], this.#child(node, name, level), level)
  }

  #child(node: ShapeNode, name: string, level: number): ShapeNode {
    if (isRest(node)) return node
    const isNamed = level <= shapeLevelsMax && name.length <= countedNameMax && hasNames(node)
    return isNamed ? this.#trie.child(node, name) : this.#trie.rest(node)
  }

  #show(value: unknown, node: ShapeNode, level: number): void {
    const kind = kindOfValue(value)
    if (kind < kindOf.object) this.#note(this.#trie.code(node, kind))
    this.#descend(value, node, level)
  }

  #elements(list: readonly unknown[], node: ShapeNode, level: number): void {
    const isCollapsed = isRest(node) || level > shapeLevelsMax
    const elements = isCollapsed ? this.#trie.rest(node) : this.#trie.elements(node)
    for (const element of list) this.#descend(element, elements, level)
  }

  #descend(value: unknown, node: ShapeNode, level: number): void {
    // Objects of a bolt may hold themselves.
    if (level >= nestingLevelsMax) return
    if (Array.isArray(value)) this.#elements(value, node, level + 1)
    else if (typeof value === 'object' && value !== null && !(value instanceof Date))
      this.members(value, node, level + 1)
  }
}
