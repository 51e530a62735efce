import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './shell/App.vue'
import { i18n, servedLang, speak } from './shell/i18n'
import { router } from './shell/router'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
void speak(servedLang()).then(() => {
  app.use(router)
  app.mount('#app')
})
