/**
 * The paths of a schema as a tree, to count names of objects and to count children together: from the outside in, so
 * that however many objects are collapsed no path is looked at more often than it has levels.
 */
import { anyName, listLevels, schemaSegments, writtenName } from './schema-path.ts'
import { addCounts, isZeroCounts, type TypeCounts } from './type-counts.ts'

export interface SchemaNode {
  /** What is counted at the path itself; a path can be a leaf and a prefix at once. */
  counts: TypeCounts | undefined
  readonly children: Map<string, SchemaNode>
  /** Set where the children are counted together: how many names they had at least. */
  names: number | undefined
}

const startNode = (): SchemaNode => ({ counts: undefined, children: new Map(), names: undefined })

/** The tree takes the counts over: they change when paths are counted together. */
export const schemaTree = (paths: ReadonlyMap<string, TypeCounts>): SchemaNode => {
  const root = startNode()
  for (const [path, counts] of paths) {
    let node = root
    for (const segment of schemaSegments(path)) node = childOf(node, segment)
    node.counts = counts
  }
  return root
}

const childOf = (node: SchemaNode, segment: string): SchemaNode => {
  let child = node.children.get(segment)
  if (child === undefined) {
    child = startNode()
    node.children.set(segment, child)
  }
  return child
}

/** Calls `visit` with each path that has counts. */
export const eachPath = (node: SchemaNode, visit: (path: string, counts: TypeCounts) => void, path = ''): void => {
  if (node.counts !== undefined) visit(path, node.counts)
  for (const [segment, child] of node.children) eachPath(child, visit, joined(path, segment))
}

/** Calls `visit` with each object before those within it; it may count the children of its object together. */
export const eachObject = (node: SchemaNode, visit: (path: string, object: SchemaNode) => void, path = ''): void => {
  if (node.children.size > 0) visit(path, node)
  for (const [segment, child] of node.children) eachObject(child, visit, joined(path, segment))
}

/** Removes what has no count any more; says whether anything is left. */
export const dropEmpty = (node: SchemaNode): boolean => {
  if (node.counts !== undefined && isZeroCounts(node.counts)) node.counts = undefined
  for (const [segment, child] of node.children) if (!dropEmpty(child)) node.children.delete(segment)
  return node.counts !== undefined || node.children.size > 0
}

const joined = (path: string, segment: string): string => (path === '' ? segment : `${path}.${segment}`)

/** Paths of the objects whose children are counted together, with the names that these had at least. */
export const collapsedObjects = (tree: SchemaNode): Map<string, number> => {
  const found = new Map<string, number>()
  eachObject(tree, (path, { names }) => {
    if (names !== undefined) found.set(path, names)
  })
  return found
}

/** How many names an object has shown; `item` and `item[]` are one. */
const nameCount = ({ children }: SchemaNode): number => {
  let count = 0
  for (const segment of children.keys()) {
    const name = writtenName(segment)
    if (name !== anyName && (name === segment || isFirstOf(children, name, segment))) count += 1
  }
  return count
}

/** Whether nothing of the name has fewer list marks than this segment. */
const isFirstOf = (children: ReadonlyMap<string, unknown>, name: string, segment: string): boolean => {
  for (let shorter = segment.slice(0, -2); shorter.length >= name.length; shorter = shorter.slice(0, -2))
    if (children.has(shorter)) return false
  return true
}

/**
 * Counts the children of each object that has more names than `namesMax` says together. With `keepsLists` what is in
 * lists stays apart, so that a list among the children stays a list.
 */
export const collapseWide = (tree: SchemaNode, namesMax: (path: string) => number, keepsLists: boolean): void =>
  eachObject(tree, (path, object) => {
    const names = nameCount(object)
    // Where one of several objects that became one was collapsed, all of it is: a count is found where it was put.
    if (names > namesMax(path) || (object.names !== undefined && names > 0)) collapse(object, names, keepsLists)
  })

/** Says of the named objects that their children are counted together. All are marked before one is collapsed: what is inside it loses its path. */
export const markCollapsed = (tree: SchemaNode, collapsed: ReadonlyMap<string, number>): void => {
  if (collapsed.size === 0) return
  eachObject(tree, (path, object) => {
    object.names = collapsed.get(path)
  })
}

const collapse = (object: SchemaNode, names: number, keepsLists: boolean): void => {
  object.names = Math.max(names, object.names ?? 0)
  const children = [...object.children]
  object.children.clear()
  for (const [segment, child] of children) {
    const lists = keepsLists ? '[]'.repeat(listLevels(segment)) : ''
    addNode(childOf(object, anyName + lists), child)
  }
}

const addNode = (into: SchemaNode, node: SchemaNode): void => {
  if (into.counts === undefined) into.counts = node.counts
  else if (node.counts !== undefined) addCounts(into.counts, node.counts)
  if (node.names !== undefined) into.names = Math.max(into.names ?? 0, node.names)
  for (const [segment, child] of node.children) {
    const known = into.children.get(segment)
    if (known === undefined) into.children.set(segment, child)
    else addNode(known, child)
  }
}
