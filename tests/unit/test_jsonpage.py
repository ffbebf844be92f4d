"""The reader of JSON answers: the same as `json` itself reads, wherever the file's pieces end, or nothing at all."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta import jsonpage
from qualys_ta.errors import Refused, TryLater
from qualys_ta.jsonpage import CURSOR, LIST, OTHER, RECORDS, JsonReader, inspected
from qualys_ta.records import Unread
from support.fim import whole_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
RECORD = st.dictionaries(st.text(), VALUES, max_size=5)
BEYOND = 2**53 + 1


class Pieces(io.BytesIO):
    """A file that gives at most so many bytes at once."""

    def __init__(self, body: bytes, size: int) -> None:
        super().__init__(body)
        self._most = size

    def read(self, size: int = -1) -> bytes:  # type: ignore[override]
        return super().read(min(size, self._most) if size >= 0 else self._most)


def read(body: bytes, *record: str, cursor: str = "", size: int = 1 << 20) -> tuple[list[Any], JsonReader]:
    reader = JsonReader(record, cursor)
    return list(reader.records(Pieces(body, size))), reader


@given(st.lists(RECORD, max_size=6), st.integers(1, 40), st.booleans(), st.sampled_from([None, 2]))
def test_a_list_reads_as_json_reads_it(records: list[Any], size: int, ascii_only: bool, indent: int) -> None:
    body = json.dumps(records, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    expected = json.loads(body.decode("utf-8", "replace"))
    found, reader = read(body, size=size)
    assert found == expected
    assert (reader.told.root, reader.told.texts[RECORDS]) == (LIST, str(len(records)))
    assert reader.told.has_records == bool(records)


@given(st.lists(RECORD, max_size=4), st.dictionaries(st.text(), VALUES, max_size=4), st.integers(1, 30))
def test_a_list_under_a_name_reads_as_json_reads_it(records: list[Any], others: dict[str, Any], size: int) -> None:
    others.pop("data", None)
    before, after = dict(list(others.items())[:2]), dict(list(others.items())[2:])
    body = json.dumps({**before, "data": records, **after}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    found, reader = read(body, "data", size=size)
    assert found == json.loads(body.decode("utf-8", "replace"))["data"]
    assert (reader.told.root, reader.told.texts[RECORDS]) == (LIST, str(len(records)))


@given(st.lists(RECORD, min_size=1, max_size=3), st.data())
def test_what_is_cut_anywhere_is_not_read(records: list[Any], data: st.DataObject) -> None:
    """L14: no remainder of an answer is ever passed on as the whole of it."""
    body = json.dumps(records).encode()
    with pytest.raises(Unread):
        read(body[: data.draw(st.integers(0, len(body) - 1))], size=data.draw(st.integers(1, 50)))


SOUND = (
    '[{"sortValues":[1,"a"],"data":{"id":"é\U0001f600 \\u00e9\\ud83d\\ude00\\ud83d","n":-1.5e3,"big":9007199254740993,'
    '"deep":[[[{}]],{"":null}]}},\n {"sortValues":[],"data":{"text":"\\"\\\\ \\u001e,]}","yes":true}}, {}]\n'
).encode()
SIGNS = b'[]{}",:\\/0189eE.+-tfnu \n\x00\x1f\x7f\x80\xc3\xff'


def same(body: bytes, size: int) -> bool:
    """Whether what is read is what `json` reads of the whole; False where nothing is. Anything else is a mistake."""
    try:
        expected = whole_json(body)
    except ValueError:
        with pytest.raises((Unread, Refused)):
            read(body, size=size)
        return False
    if not isinstance(expected, list):
        found, reader = read(body, size=size)
        assert (found, reader.told.root) == ([], OTHER), body
        return False
    if not all(isinstance(each, dict) for each in expected):
        with pytest.raises(Refused):
            read(body, size=size)
        return False
    found, reader = read(body, cursor="sortValues", size=size)
    assert found == expected, body
    last = expected[-1].get("sortValues") if expected else None
    assert reader.told.texts == {RECORDS: str(len(found)), **({CURSOR: json.dumps(last)} if last else {})}, body
    return True


def test_a_page_cut_at_any_byte_is_read_whole_or_not_at_all() -> None:
    assert [place for place in range(len(SOUND) + 1) if same(SOUND[:place], 7)] == [len(SOUND) - 1, len(SOUND)]


def test_a_page_with_any_byte_replaced_is_read_as_json_reads_it_or_not_at_all() -> None:
    soiled = (SOUND[:place] + bytes((sign,)) + SOUND[place + 1 :] for place in range(len(SOUND)) for sign in SIGNS)
    read_as_well = sum(same(body, 1 + number % 50) for number, body in enumerate(soiled))
    assert 0 < read_as_well < len(SOUND) * len(SIGNS) / 2


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_a_page_read_in_any_pieces_is_the_same(size: int) -> None:
    assert same(SOUND, size)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"[",
        b"[{},]",
        b"[{} {}]",
        b"[{}]x",
        b"[{}][{}]",
        b"{",
        b'{"data":[{}]',
        b'{"data":[{}],,"a":1}',
        b'{"a" 1}',
        b'{"a":1,}',
        b'{"a":1 "b":2}',
        b"{,}",
        b"{a:1}",
        b'[{"a":}]',
        b'[{"a":1e}]',
        b'[{"a":01}]',
        b'[{"a":"\n"}]',
        b"<html></html>",
        b'[{"a":tru}]',
    ],
)
def test_what_is_no_json_is_not_read(body: bytes) -> None:
    with pytest.raises(Unread):
        read(body)
    told, fault = inspected(io.BytesIO(body), ())
    assert isinstance(fault, TryLater)
    assert told.root == ("html" if body.startswith(b"<") else "")


@pytest.mark.parametrize("body", [b'{"data":[{}],}', b'{"data":[{}] "a":1}', b'{"a":1 "data":[{}]}', b'{"data":[{}]'])
def test_what_stands_around_a_list_must_be_json_too(body: bytes) -> None:
    with pytest.raises(Unread):
        read(body, "data")


@pytest.mark.parametrize("body", [b"[1]", b'["a"]', b"[null]", b"[[]]", b'[{"a":1},2]'])
def test_a_list_of_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="in the place of a record"):
        read(body)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_deep_nesting_is_refused_not_a_crash(opening: bytes, size: int) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]
    inner = b"1" if opening != b"[" else b""
    body = b'[{"deep":' + opening * 100_000 + inner + closing * 100_000 + b"}]"
    with pytest.raises((Refused, Unread)):
        read(body, size=size)
    assert inspected(io.BytesIO(body), ())[1] is not None


def test_a_value_larger_than_any_record_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonpage, "LARGEST_RECORD", 1000)
    monkeypatch.setattr(jsonpage, "CHUNK", 100)
    with pytest.raises(Refused, match="more than"):
        read(b'[{"a":"' + b"x" * 5000 + b'"}]', size=100)


def test_whole_numbers_keep_all_their_digits() -> None:
    """Software ids are above 2^53, where a double skips every second number."""
    (found,), _ = read(f'[{{"a":{BEYOND},"b":{-BEYOND},"c":{10**40}}}]'.encode())
    assert found == {"a": BEYOND, "b": -BEYOND, "c": 10**40}
    assert json.dumps(found) == f'{{"a": {BEYOND}, "b": -{BEYOND}, "c": {10**40}}}'


@pytest.mark.parametrize("told", ["1e999", "-1e999", "123456.0e400"])
def test_numbers_that_are_none_here_stay_text(told: str) -> None:
    (found,), _ = read(f'[{{"a":{told},"b":1.5}}]'.encode())
    assert found == {"a": told, "b": 1.5}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("told", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_null(told: str) -> None:
    (found,), _ = read(f'[{{"a":{told}}}]'.encode())
    assert found == {"a": None}


def test_of_a_name_that_comes_twice_the_last_value_counts() -> None:
    (found,), _ = read(b'[{"a":1,"b":2,"a":3}]')
    assert found == {"a": 3, "b": 2}


def test_null_for_a_list_is_passed_on() -> None:
    (found,), _ = read(b'[{"interfaces":null}]')
    assert found == {"interfaces": None}


def test_a_number_at_the_end_of_a_piece_may_go_on_in_the_next() -> None:
    for size in range(1, 12):
        found, _ = read(b'[{"a":1234567890}]', size=size)
        assert found == [{"a": 1234567890}]


def test_bytes_that_are_no_utf8_are_replaced_and_counted() -> None:
    (found,), reader = read(b'[{"a":"caf\xe9 \xff","b":"\xef\xbf\xbd"}]', size=8)
    assert found == {"a": "caf\ufffd \ufffd", "b": "\ufffd"}
    assert reader.told.replaced == 2


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'[{"sortValues":[1,"a"]},{"sortValues":[9007199254740993,"b"]}]', '[9007199254740993, "b"]'),
        (b'[{"sortValues":[1]},{"sortValues":[]}]', None),
        (b'[{"sortValues":null}]', None),
        (b'[{"other":1}]', None),
        (b"[]", None),
    ],
)
def test_the_last_record_says_where_to_go_on(body: bytes, told: str) -> None:
    _, reader = read(body, cursor="sortValues")
    assert reader.told.texts.get(CURSOR) == told


@pytest.mark.parametrize("body", [b'{"errorCode":"403 FORBIDDEN","message":"No access"}', b'"text"', b"7", b"null"])
def test_what_is_not_the_promised_list_is_told_as_such(body: bytes) -> None:
    told, fault = inspected(io.BytesIO(body), ())
    assert (told.root, fault) == (OTHER, None)
    assert RECORDS not in told.texts
    if b"errorCode" in body:
        assert (told.texts["errorCode"], told.texts["message"]) == ("403 FORBIDDEN", "No access")


def test_an_inspector_tells_where_to_go_on_too() -> None:
    """Lists that are only looked through are inspected, and must not count pages."""
    told, fault = inspected(io.BytesIO(b'[{"sort":[1,"a"]},{"sort":[2,"b"]}]'), (), "sort")
    assert (told.texts, fault) == ({RECORDS: "2", CURSOR: '[2, "b"]'}, None)


def test_an_object_where_a_list_was_promised_is_not_taken_for_one() -> None:
    _, reader = read(b'{"data":{"count":1}}', "data")
    assert reader.told.root == OTHER
    _, reader = read(b'[{"a":1}]', "data")
    assert reader.told.root == OTHER
    for body in (b'{"":[{"a":1}]}', b"{}"):
        found, reader = read(body)
        assert (found, reader.told.root) == ([], OTHER)


def test_memory_depends_on_a_record_and_not_on_the_page() -> None:
    record = json.dumps({"a": "x" * 500}).encode()

    class Endless(io.RawIOBase):
        """Records without end; all that is read of them is dropped again."""

        def __init__(self) -> None:
            self._parts = self._generated()
            self.given = 0

        def _generated(self) -> Iterator[bytes]:
            yield b"[" + record
            while True:
                yield b"," + record

        def read(self, _size: int = -1) -> bytes:
            part = next(self._parts)
            self.given += len(part)
            return part

    file = Endless()
    text = jsonpage._Text(file)  # type: ignore[arg-type]
    for number, _ in enumerate(text.items()):
        assert len(text._text) < 10 * len(record)
        if number == 2000:
            break
    assert file.given > 1_000_000
