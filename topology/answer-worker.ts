/** The thread that makes an answer: an endless or hopeless one is ended from outside, and nothing else stands still. */
import { parentPort, workerData } from 'node:worker_threads'
import type { AnswerOrder, ToMaker } from './answer-messages.ts'
import { systemClock } from './engine/shell/system-clock.ts'
import { makeAnswer } from './make-answer.ts'

const port = parentPort!
const waiting: ToMaker[] = []
let wake: (() => void) | undefined

port.on('message', (message: ToMaker) => {
  waiting.push(message)
  wake?.()
})

const receive = async (): Promise<ToMaker> => {
  for (;;) {
    const message = waiting.shift()
    if (message !== undefined) return message
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}

await makeAnswer(
  workerData as AnswerOrder, // what `streamRollup` starts this thread with
  // A message is a copy: the memory of a chunk is used again behind it.
  { send: (message) => port.postMessage(message), receive },
  systemClock,
)
port.close()
