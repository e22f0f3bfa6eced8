let pageTitle = ''
let openIncidents = 0

/** The page's own name. The count of open incidents stands before it, to be seen in the tab. */
export function setPageTitle(title: string): void {
  pageTitle = title
  show()
}

export function setOpenIncidents(amount: number): void {
  openIncidents = amount
  show()
}

function show(): void {
  const count = openIncidents > 0 ? `(${openIncidents}) ` : ''
  document.title = pageTitle === '' ? `${count}Firewatch` : `${count}${pageTitle} · Firewatch`
}
