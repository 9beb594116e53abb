"""What is looked at on every page: is all of it ours, and nothing inline; does axe agree; does it fit."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.pages.axe import violations

SMALLEST = (320, 256)  # 1280 × 1024 at 400 %
USUAL = (1280, 900)

NOT_OURS = """() => {
    const all = [...document.querySelectorAll('*')];
    const brief = one => one.outerHTML.slice(0, 120);
    const inline = all.filter(one => one.matches('script:not([src]), style, [style]')
        || [...one.attributes].some(it => /^on/i.test(it.name) || /^\\s*javascript:/i.test(it.value)));
    const loads = all.filter(one => one.matches('[src], link[href], object, embed, use, image')
        && ['src', 'href', 'data', 'srcset'].some(name => {
            const value = one.getAttribute(name);
            return value && new URL(value, location.href).host !== location.host;
        }));
    return [...inline.map(it => 'inline: ' + brief(it)), ...loads.map(it => 'from elsewhere: ' + brief(it))];
}"""

TOO_WIDE = """() => {
    const root = document.documentElement;
    const unseen = one => one.closest('.hide, .skip, [hidden], details:not([open]) > :not(summary)');
    const texts = [...document.body.querySelectorAll('*')].filter(one => !unseen(one)
        && [...one.childNodes].some(it => it.nodeType === 3 && it.data.trim()));
    const clipped = texts.filter(one => {
        const style = getComputedStyle(one);
        return !one.matches('textarea, select, option') && /hidden|clip/.test(style.overflow + style.overflowX)
            && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
    });
    if (root.scrollWidth <= root.clientWidth && !clipped.length) return [];
    const out = [...document.body.querySelectorAll('*')].filter(one => !unseen(one)
        && one.getBoundingClientRect().right > root.clientWidth + 1).slice(-2);
    return [...clipped.map(one => 'clipped: ' + one.outerHTML.slice(0, 120)),
        ...(root.scrollWidth > root.clientWidth ? [`${root.scrollWidth} px in a window of ${root.clientWidth}`] : []),
        ...out.map(one => 'sticks out: ' + one.outerHTML.slice(0, 160))];
}"""


def not_ours(page: Page) -> list[str]:
    """What stands inline, or comes from another machine (promises P11, P43). Ask before axe or we touch the page."""
    return list(page.evaluate(NOT_OURS))


def inaccessible(page: Page, *, dark: bool = False) -> list[str]:
    """What axe finds, 7:1 contrast and target size included (promise P73)."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    found = [f"{'dark' if dark else 'light'}: {one}" for one in violations(page, enhanced_contrast=True)]
    page.emulate_media(color_scheme="light")
    return found


def not_fitting(page: Page) -> list[str]:
    """What does not fit 320 × 256, or letters twice as large, there and in a usual window (promise P75)."""
    return [f"{how}: {one}" for how in _sizes(page) for one in page.evaluate(TOO_WIDE)]


def _sizes(page: Page) -> Iterator[str]:
    """Brings the page into each size in turn, and back."""
    width, height = SMALLEST
    page.set_viewport_size({"width": width, "height": height})
    yield f"{width} px"
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    yield f"{width} px, letters 200 %"
    page.set_viewport_size({"width": USUAL[0], "height": USUAL[1]})
    yield f"{USUAL[0]} px, letters 200 %"
    page.evaluate("() => document.documentElement.removeAttribute('style')")
