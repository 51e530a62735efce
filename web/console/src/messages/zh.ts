import element from 'element-plus/es/locale/lang/zh-cn'
import { gather } from './gather'

export default { messages: gather(import.meta.glob('./zh/*.json', { eager: true, import: 'default' })), element }
