from pathlib import Path

import pytest

from rnnviz.text import read_text
from rnnviz.text.plausibility import most_plausible

TEXTS = [
    (
        "cp1252",
        "La fenêtre, où l'on voyait le château, s'était ouverte. Ça alors ! À Noël, le cœur léger.",
    ),
    ("latin-1", "Le café était fermé."),
    ("latin-1", "Déjà vu"),
    ("latin-1", "Napoléon était l'empereur des Français.\n"),
    (
        "latin-1",
        "Die Straße führt über die große Brücke; für Ärger sorgte die Höhe der Gebühren. Öl läuft aus.",
    ),
    ("latin-1", "Schöne Grüße"),
    (
        "latin-1",
        "El niño comió una piña en la montaña mientras su mamá leía. ¿Dónde está el baño? ¡Qué alegría!",
    ),
    (
        "latin-1",
        "Não há razão para que os irmãos não possam ir à praia amanhã de manhã; é uma questão de opinião.",
    ),
    ("latin-1", "Flickan på bron åt äpplen och drack öl. Får får får? Nej, får får lamm."),
    ("cp1252", "“It’s a long way,” he said — and it was… The café was closed."),
    (
        "cp1250",
        "Zażółć gęślą jaźń. Wczoraj wieczorem poszliśmy do kina, żeby obejrzeć film o żołnierzach.",
    ),
    (
        "cp1250",
        "Příliš žluťoučký kůň úpěl ďábelské ódy. Včera večer jsme šli do kina a potom jsme se vrátili domů.",
    ),
    (
        "cp1250",
        "Árvíztűrő tükörfúrógép. A fiú elment az erdőbe, hogy gombát szedjen, de nem talált semmit.",
    ),
    (
        "cp1251",
        "Наполеон был императором Франции. Все счастливые семьи похожи друг на друга.",
    ),
    ("cp1251", "Привет, мир!"),
    ("koi8-r", "Наполеон был императором Франции. Все счастливые семьи похожи друг на друга."),
    ("koi8-r", "Привет, мир!"),
    (
        "cp1251",
        "Їжак і його друзі живуть у лісі біля річки. Вони щодня збирають ягоди й гриби та співають пісень.",
    ),
    ("cp1253", "Ο Ναπολέων ήταν αυτοκράτορας της Γαλλίας. Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι."),
    (
        "cp1254",
        "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Şimdi çalışıyor, ağır iş yapıyor.",
    ),
    ("cp1255", "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם."),
    ("cp1256", "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا."),
    (
        "cp1257",
        "Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas.",
    ),
    (
        "gb18030",
        "拿破仑是法国的皇帝。他在一八〇四年登基，后来被流放到一个小岛上，在那里度过了他的晚年。人们说他是一个伟大的将军。",
    ),
    ("gb18030", "你好，世界！"),
    ("gb18030", "我爱北京天安门"),
    ("gb18030", "今天天气很好，我们去公园散步。"),
    ("gb18030", "道可道，非常道。名可名，非常名。无名天地之始；有名万物之母。"),
    (
        "big5",
        "拿破崙是法國的皇帝。他後來被流放到一個小島上，在那裡度過了他的晚年。人們說他是一個偉大的將軍。",
    ),
    ("big5", "你好，世界！我們去學校。"),
    (
        "shift_jis",
        "ナポレオンはフランスの皇帝だった。彼は小さな島に流され、そこで晩年を過ごした。吾輩は猫である。",
    ),
    ("shift_jis", "こんにちは世界"),
    ("euc_jp", "ナポレオンはフランスの皇帝だった。彼は小さな島に流され、そこで晩年を過ごした。"),
    ("euc_jp", "吾輩は猫である。名前はまだ無い。"),
    (
        "euc_kr",
        "나폴레옹은 프랑스의 황제였다. 모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    ),
    ("euc_kr", "안녕하세요, 세계!"),
    (
        "gb18030",
        "The word 皇帝 means emperor; 中国 means China and 法国 means France.",
    ),
    (
        "cp1251",
        "The word привет means hello and мир means world or peace in Russian. Mostly English text here.",
    ),
    (
        "latin-1",
        "A long English text about nothing in particular, with only one naïve accent in the middle of it.",
    ),
    ("latin-1", "Où est la gare ? Elle est là-bas, à côté de l'hôtel."),
    ("latin-1", "Ma mère a préféré rester chez elle."),
    ("latin-1", "garçon"),
    ("gb18030", "今天天气很好。"),
    ("gb18030", "从前有座山，山里有座庙，庙里有个老和尚。\n"),
    ("gb18030", "𠮷野家在日本很有名，我们都喜欢去吃。"),
    ("cp1251", "ВОЙНА И МИР. ТОМ ПЕРВЫЙ. ЧАСТЬ ПЕРВАЯ"),
    ("koi8-r", "ВОЙНА И МИР. ТОМ ПЕРВЫЙ. ЧАСТЬ ПЕРВАЯ"),
    ("cp1252", "ÉTÉ COMME HIVER, LES ÉLÈVES DE L'ÉCOLE ÉTUDIENT."),
    # not used in tuning the tables
    ("latin-1", "Le garçon a mangé une pomme sucrée près de la forêt."),
    ("latin-1", "Wir möchten später über die Prüfung sprechen."),
    ("latin-1", "Quisiera una habitación para mañana, señor."),
    ("latin-1", "Perché non è più così facile?"),
    ("latin-1", "Jag älskar att åka båt på sjön."),
    ("latin-1", "Blåbær og rømme på søndag"),
    ("cp1250", "Proszę państwa, to jest bardzo ważna wiadomość."),
    ("cp1250", "Dobrý den, děkuji za váš dopis a těším se na setkání."),
    ("cp1250", "Köszönöm szépen, nagyon örülök a találkozásnak, jó éjszakát!"),
    ("cp1251", "Мой дядя самых честных правил, когда не в шутку занемог"),
    ("koi8-r", "Я помню чудное мгновенье: передо мной явилась ты"),
    ("cp866", "Мороз и солнце; день чудесный! Еще ты дремлешь, друг прелестный"),
    ("cp1253", "Καλημέρα σας, πώς είστε σήμερα;"),
    ("cp1254", "Yarın sabah erken kalkıp işe gideceğim, görüşürüz."),
    ("cp1255", "שלום עולם, מה שלומך היום?"),
    ("cp1256", "السلام عليكم ورحمة الله"),
    ("gb18030", "床前明月光，疑是地上霜。举头望明月，低头思故乡。"),
    ("gb18030", "第一章\u3000陨落的天才"),
    ("gb18030", "人工智能正在改变世界"),
    ("gb18030", "鲁迅：《狂人日记》"),
    ("big5", "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"),
    ("big5", "紅樓夢第一回"),
    ("cp932", "古池や蛙飛びこむ水の音"),
    ("cp932", "東京都"),
    ("euc_jp", "国境の長いトンネルを抜けると雪国であった。"),
    ("cp949", "동해물과 백두산이 마르고 닳도록"),
    ("cp949", "사랑해요"),
    ("cp874", "สวัสดีครับ ผมชื่อสมชาย"),
    ("cp1257", "Labas rytas, kaip šiandien jaučiatės?"),
    ("cp850", "Le garçon a mangé une pomme sucrée près de la forêt."),
    ("mac-roman", "Le garçon a mangé une pomme sucrée près de la forêt."),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_sentence_in_an_old_encoding_comes_out_right(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(text.encode(encoding))
    assert "".join(read_text(path).pieces()) == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_long_text_in_an_old_encoding_comes_out_right(tmp_path: Path, encoding: str, text: str) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes((text + "\r\n").encode(encoding) * 300)
    assert "".join(read_text(path).pieces()) == f"{text}\n" * 300


def test_what_tells_nothing_is_taken_for_western_text() -> None:
    assert most_plausible(b"") == "cp1252"
    assert most_plausible(b"plain") == "cp1252"
