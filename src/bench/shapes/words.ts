/** Words of several languages and scripts, with one to four bytes a character, and signs that statements have to escape. */
const texts: readonly string[] = [
  ...["order", "paid", "in", "full", "by", "Friday", "the", "parcel", "was", "left", "behind", "garden", "gate"],
  ...["called", "twice", "about", "delivery", "it's", "O'Brien", '"urgent"', "n/a", "100%", "C:\\temp", "a_b", "--"],
  ...["Rechnung", "für", "Straße", "über", "Größe", "bitte", "zurück", "später", "Lieferung"],
  ...["señal", "mañana", "año", "corazón", "¿cuándo?", "ningún", "dirección"],
  ...["заказ", "оплачен", "завтра", "адрес", "доставка", "спасибо"],
  ...["注文", "住所", "明日", "支払い", "ありがとう", "配達", "東京"],
  ...["订单", "已付款", "地址", "明天", "北京"],
  ...["주문", "주소", "내일", "감사합니다"],
  ...["طلب", "عنوان", "غدا", "شكرا"],
  ...["ऑर्डर", "पता", "कल", "धन्यवाद"],
  ...["παραγγελία", "αύριο", "ευχαριστώ"],
  ...["🙂", "🚚", "👍🏽", "🇩🇰"],
];

export const words: readonly Uint8Array[] = texts.map((text) => Buffer.from(text));
