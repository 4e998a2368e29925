"""The languages a reader may be told things in: interface sentences, dates, and which text to show.

Sentences are English in the code and the templates; a catalogue (`locale/<code>/LC_MESSAGES/warranted.po`)
has them in another language, and `ontology/languages/<code>.ttl` the labels of the terms. What records
say is shown in the language it was written in, by the fallback that `pick` states.
`python -m warranted.language.update` brings the catalogues up to date.
"""

from warranted.language.speaking import ENGLISH, Language, available, get, gettext_noop
from warranted.language.text import Text, pick

__all__ = ["ENGLISH", "Language", "Text", "available", "get", "gettext_noop", "pick"]
