import { render } from 'preact'
import { Inspector } from './parts/inspector.tsx'
import { applyTheme } from './state/theme.ts'

applyTheme()
render(<Inspector />, document.getElementById('page') as HTMLElement)
