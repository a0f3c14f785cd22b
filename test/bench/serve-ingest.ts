import { openDoor } from '../../src/net/door.ts'
import { openReceiver } from './receiver.ts'

/** The receive path of whs behind the real door, on a prepared data directory. */
const { app, receiver } = await openReceiver(process.argv[2] as string)
const door = await openDoor({ port: 0, routes: [], raw: receiver })
process.on('SIGTERM', () => {
  void door
    .close()
    .then(() => app.close())
    .then(() => process.exit(0))
})
process.send?.({ port: door.port })
