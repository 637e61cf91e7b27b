/** Projects and collections of a history: few, some of them hot, and now and then one whose name is as odd as a name may be. */
import { collectionNameProblem, projectNameProblem } from '../../../model/names.ts'
import type { Draw } from './draw.ts'
import type { DrawWords } from './draw-words.ts'

const plainProjects = ['ann', 'bob', 'cyd', 'dan', 'eve']
const oddProjects = ['constructor', '__proto__', 'a/b', '..a', 'é t', '%2F', '5', 'A', 'a~b', '0@1']
const plainCollections = ['new', 'old', 'seen']
const oddCollections = ['constructor', 'a.b', 'a b', '5', 'New', 'a/b', '%41', 'x'.repeat(64)]

export class DrawNames {
  readonly projects: readonly string[]
  readonly collections: readonly string[]

  constructor(draw: Draw, { projects, collections, texts }: DrawWords) {
    this.projects = drawn(draw, 5, projects, texts.filter(isProject), plainProjects, oddProjects)
    this.collections = drawn(
      draw,
      3,
      collections.filter(isCollection),
      texts.filter(isCollection),
      plainCollections,
      oddCollections,
    )
  }

  /** The first are hot. */
  project(draw: Draw): string {
    return this.projects[draw.skewed(this.projects.length)]!
  }

  collection(draw: Draw): string {
    return this.collections[draw.skewed(this.collections.length)]!
  }
}

const isProject = (name: string): boolean => projectNameProblem(name) === undefined
const isCollection = (name: string): boolean => collectionNameProblem(name) === undefined

/** Names that something compares with come first; a text of the source may be one as well. */
const drawn = (
  draw: Draw,
  most: number,
  asked: readonly string[],
  texts: readonly string[],
  plain: readonly string[],
  odd: readonly string[],
): readonly string[] => {
  const count = draw.between(1, most)
  const names = draw.happens(0.9) ? draw.some(asked, 1, most) : []
  if (texts.length > 0 && draw.happens(asked.length > 0 ? 0.1 : 0.3)) names.push(...draw.some(texts, 1, 2))
  if (draw.happens(0.15)) names.push(draw.of(odd))
  names.push(...draw.shuffled(plain))
  return [...new Set(names)].slice(0, count)
}
