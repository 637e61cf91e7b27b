/** Ports of this machine that nobody listens on at the moment. */
import { createServer, type Server } from 'node:net'

const listening = (): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** All are held before the first is let go, so they differ. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listening))
  return Promise.all(
    servers.map((server) => {
      const port = portOf(server)
      return new Promise<number>((resolve) => server.close(() => resolve(port)))
    }),
  )
}
