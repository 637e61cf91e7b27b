/**
 * All properties that a decoder has met, and the codes of their (path, type) pairs (DOMAIN section 4).
 *
 * The trie is a memory, not a state: what it says of an event depends on the event alone, only the numbers of the codes
 * depend on what came before (I-1). It is bounded by being made anew between batches (I-6): within a batch it grows by
 * at most what the bytes of the batch can name.
 */
import type { TypeName } from '../../model/event.ts'
import { formatPath } from '../../model/path.ts'
import type { ShapeNames } from '../../model/tuples.ts'
import { kindOf, typeOfKind } from './json-bytes.ts'
import { careful, noNode, ordinary, ShapeNode } from './shape-node.ts'
import type { WantedNode } from './wanted-tree.ts'

// About 500 bytes each, 16 MB in all; the webhook payloads of 58 collections need 4,000.
const nodesMax = 32_768
/** DOMAIN section 2: longer names are counted under `path.*`. */
export const countedNameMax = 255
// Below such a path names are counted together: written out for each of 100,000 properties of one event, it takes 100 MB.
const pathCharactersMax = 1_024
/** Whether the properties below a node are named (DOMAIN section 4). */
export const hasNames = (node: ShapeNode): boolean => node.path.length <= pathCharactersMax

// DOMAIN section 1: what a client may set below `keen`.
const keenNames = new Set(['timestamp', 'location', 'uniqueness_token', 'addons'])
/** Whether a client may set `keen.<name>`. */
export const isKeenName = (name: string): boolean => keenNames.has(name)

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON writes them as escapes
const escaped = /["\\\x00-\x1f]/

/** The bytes of a name in its quotes, as characters; empty where JSON must write it with escapes. */
const keyOf = (name: string): string =>
  escaped.test(name) || !name.isWellFormed() ? '' : Buffer.from(`"${name}"`).toString('latin1')

export interface ShapeTrieOptions {
  readonly wanted: WantedNode
  /** Whether names must be looked at for Keen's rules. */
  readonly isNameRefused: (name: string) => boolean
  /** Whether the path has strings of type `datetime`. */
  readonly isTime: (path: string) => boolean
}

export class ShapeTrie implements ShapeNames {
  readonly root: ShapeNode
  readonly #options: ShapeTrieOptions
  readonly #paths: string[] = []
  readonly #types: TypeName[] = []
  #nodes = 0

  constructor(options: ShapeTrieOptions) {
    this.#options = options
    this.root = new ShapeNode(
      { path: '', key: '', wanted: options.wanted, mark: ordinary, isRepeatable: false, isTime: false },
      noNode,
    )
  }

  isFull(): boolean {
    return this.#nodes > nodesMax
  }

  name(code: number): { readonly path: string; readonly type: TypeName } {
    const path = this.#paths[code]
    const type = this.#types[code]
    if (path === undefined || type === undefined) throw new RangeError(`no shape has code ${code}`)
    return { path, type }
  }

  /** The property of a name of at most `countedNameMax` characters. */
  child(parent: ShapeNode, name: string): ShapeNode {
    parent.children ??= new Map()
    let child = parent.children.get(name)
    if (child === undefined) {
      child = this.#makeChild(parent, name)
      parent.children.set(name, child)
    }
    return child
  }

  /** What the objects of the list at a node have in common. */
  elements(list: ShapeNode): ShapeNode {
    list.elements ??= this.#make(`${list.path}[]`, '', undefined, ordinary, true)
    return list.elements
  }

  /** Everything below a node that is counted together. What is below it is counted there too. */
  rest(parent: ShapeNode): ShapeNode {
    if (parent.rest === undefined) {
      const rest = this.#make(parent.path === '' ? '*' : `${parent.path}.*`, '', undefined, ordinary, true)
      rest.rest = rest
      parent.rest = rest
    }
    return parent.rest
  }

  /** Code of a value of some kind (below `object`) at a node. */
  code(node: ShapeNode, shownKind: number): number {
    const kind = node.isTime && shownKind === kindOf.string ? kindOf.datetime : shownKind
    node.codes ??= [-1, -1, -1, -1, -1, -1]
    let code = node.codes[kind]!
    if (code < 0) {
      code = this.#paths.length
      this.#paths.push(node.path)
      this.#types.push(typeOfKind(kind))
      node.codes[kind] = code
    }
    node.lastKind = shownKind
    node.lastCode = code
    return code
  }

  #makeChild(parent: ShapeNode, name: string): ShapeNode {
    const written = formatPath([name])
    const path = parent.path === '' ? written : `${parent.path}.${written}`
    const wanted = parent.wanted?.children.get(name)
    const isRefused = this.#options.isNameRefused(name) || (parent.path === 'keen' && !isKeenName(name))
    const mark = isRefused ? careful : (wanted?.slot ?? ordinary)
    return this.#make(path, keyOf(name), wanted, mark, parent.isRepeatable)
  }

  #make(path: string, key: string, wanted: WantedNode | undefined, mark: number, isRepeatable: boolean): ShapeNode {
    this.#nodes += 1
    return new ShapeNode({ path, key, wanted, mark, isRepeatable, isTime: this.#options.isTime(path) }, noNode)
  }
}
