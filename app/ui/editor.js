// The editor of statements: a text area over its own text in colours, with completion.
//
// The text area stays a text area, so keyboards, screen readers and undo work as everywhere; below
// it lies the same text, coloured. Words are offered while one is typed: Tab takes the first,
// Enter the one chosen with the arrows, Escape closes. Ctrl+Enter runs.

const TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?)|("(?:[^"]|"")*"?)|(\b\d+(?:\.\d*)?(?:e[+-]?\d+)?\b)|([A-Za-z_]\w*)/gi
const WORD = /[A-Za-z_]\w*$/
const OFFERED = 8

function coloured(pre, text, kinds) {
  const parts = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const kind = match[1] ? "comment" : match[2] ? "text" : match[4] ? "number"
      : match[5] ? kinds.get(match[5].toLowerCase()) : undefined
    if (!kind) continue
    parts.push(text.slice(end, match.index))
    const span = document.createElement("span")
    span.className = kind
    span.textContent = match[0]
    parts.push(span)
    end = match.index + match[0].length
  }
  parts.push(text.slice(end) + "\n ") // so that a last empty line has a height
  pre.replaceChildren(...parts)
}

function placeOf(pre, offset) {
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT)
  let node = walker.nextNode()
  while (node && offset > node.length) {
    offset -= node.length
    node = walker.nextNode()
  }
  const range = document.createRange()
  range.setStart(node || pre, node ? offset : 0)
  return range.getBoundingClientRect()
}

function editor(root) {
  const area = root.querySelector("textarea")
  const pre = root.querySelector("pre")
  const list = root.querySelector("ul")
  const self = { revision: null, sent: null, kinds: new Map(), words: [], chosen: -1, offered: [] }

  const draw = () => coloured(pre, area.value, self.kinds)
  const close = () => {
    self.offered = []
    self.chosen = -1
    list.hidden = true
    area.removeAttribute("aria-activedescendant")
    area.setAttribute("aria-expanded", "false")
  }
  const mark = () => {
    ;[...list.children].forEach((item, n) => {
      item.setAttribute("aria-selected", String(n === self.chosen))
      if (n === self.chosen) area.setAttribute("aria-activedescendant", item.id)
    })
  }
  const offer = always => {
    const before = area.value.slice(0, area.selectionStart)
    const word = (before.match(WORD) || [""])[0].toLowerCase()
    if (area.selectionStart !== area.selectionEnd || (!always && word.length < 2)) return close()
    const starts = self.words.filter(([w]) => w.toLowerCase().startsWith(word))
    const within = word.length > 2
      ? self.words.filter(([w]) => w.toLowerCase().indexOf(word) > 0) : []
    self.offered = [...starts, ...within].slice(0, OFFERED)
    if (!self.offered.length || self.offered[0][0].toLowerCase() === word) return close()
    list.replaceChildren(...self.offered.map(([w, hint], n) => {
      const item = document.createElement("li")
      item.id = `offered-${n}`
      item.setAttribute("role", "option")
      const small = document.createElement("small")
      small.textContent = hint
      item.append(w, small)
      item.onmousedown = event => { event.preventDefault(); take(n) }
      return item
    }))
    const caret = placeOf(pre, before.length)
    const box = root.getBoundingClientRect()
    list.hidden = false
    const room = root.clientWidth - list.offsetWidth - 4
    list.style.left = `${Math.max(0, Math.min(caret.left - box.left, room))}px`
    list.style.top = `${caret.bottom - box.top + 4}px`
    area.setAttribute("aria-expanded", "true")
    self.chosen = -1
    mark()
  }
  const take = n => {
    const word = (area.value.slice(0, area.selectionStart).match(WORD) || [""])[0]
    const [text] = self.offered[n]
    area.setSelectionRange(area.selectionStart - word.length, area.selectionStart)
    // The only way in which the browser's undo stays whole.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end")
    }
    draw()
    close()
  }
  const send = () => {
    if (area.value === self.sent) return
    self.sent = area.value
    self.component.setStateValue("text", area.value)
  }

  area.oninput = () => { draw(); offer(false) }
  area.onclick = close
  area.onblur = () => { close(); send() }
  area.onkeydown = event => {
    const open = !list.hidden
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      close()
      self.sent = area.value
      self.component.setTriggerValue("run", area.value)
    } else if (event.key === " " && event.ctrlKey) {
      event.preventDefault()
      offer(true)
    } else if (open && event.key === "Escape") {
      event.preventDefault()
      close()
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault()
      const step = event.key === "ArrowDown" ? 1 : -1
      self.chosen = Math.max(-1, Math.min(self.offered.length - 1, self.chosen + step))
      mark()
    } else if (open && ((event.key === "Tab" && !event.shiftKey)
        || (event.key === "Enter" && self.chosen >= 0))) {
      event.preventDefault()
      take(Math.max(0, self.chosen))
    } else if (open && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      close()
    }
  }

  self.update = component => {
    const { data } = component
    self.component = component
    area.setAttribute("aria-label", data.label)
    area.placeholder = data.placeholder
    self.words = data.words
    self.kinds = new Map(data.words.map(([word, , kind]) => [word.toLowerCase(), kind]))
    if (data.revision !== self.revision) {
      self.revision = data.revision
      area.value = self.sent = data.text
      close()
    }
    draw()
  }
  return self
}

export default function (component) {
  const root = component.parentElement.querySelector(".editor")
  root.editor = root.editor || editor(root)
  root.editor.update(component)
}
